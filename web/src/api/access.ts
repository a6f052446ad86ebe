import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, bodyOf } from "./client.ts";
import { keys } from "./keys.ts";
import { forgetSession, session } from "./session.ts";

/** Whether there is a password, and who is logged in. */
export const sessionQuery = queryOptions({ queryKey: keys.session, queryFn: session });

/** The keys of programs. */
export const apiKeysQuery = queryOptions({
  queryKey: [...keys.access, "keys"],
  queryFn: ({ signal }) => bodyOf(api.GET("/api/auth/keys", { signal })),
});

/** Who did what, the newest first, page by page. */
export const auditQuery = infiniteQueryOptions({
  queryKey: [...keys.access, "audit"],
  queryFn: ({ pageParam, signal }) => {
    const query = pageParam === null ? {} : { before: pageParam };
    return bodyOf(api.GET("/api/auth/audit", { params: { query }, signal }));
  },
  initialPageParam: null as number | null,
  getNextPageParam: last => last.next_before ?? undefined,
  staleTime: 0,
});

/** Makes a key; it is shown once, in the answer. */
export function useCreateKey() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (name: string) => bodyOf(api.POST("/api/auth/keys", { body: { name } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: keys.access }),
    meta: { title: "The key was not made" },
  });
}

export function useRevokeKey() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (key_id: number) => bodyOf(api.DELETE("/api/auth/keys/{key_id}", { params: { path: { key_id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: keys.access }),
    meta: { title: "The key was not revoked" },
  });
}

/** Ends the session and leads to the login page. */
export function useLogout() {
  return useMutation({
    mutationFn: () => bodyOf(api.POST("/api/auth/logout")),
    onSuccess: () => {
      forgetSession();
      window.location.assign("/login");
    },
    meta: { title: "You are still logged in" },
  });
}
