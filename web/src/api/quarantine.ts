import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, bodyOf } from "./client.ts";
import { keys } from "./keys.ts";

/** Every original that waits in quarantine. */
export const quarantineQuery = queryOptions({
  queryKey: keys.quarantine,
  queryFn: ({ signal }) => bodyOf(api.GET("/api/quarantine", { signal })),
});

/** Puts an original back. The dialog that asks shows what failed. */
export function restore(replacement_id: string, beside: boolean) {
  return bodyOf(
    api.POST("/api/quarantine/{replacement_id}/restore", { params: { path: { replacement_id } }, body: { beside } }),
  );
}

/** Removes the originals whose time has come. */
export function usePurge() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => bodyOf(api.POST("/api/quarantine/purge")),
    onSettled: () => queries.invalidateQueries({ queryKey: keys.quarantine }),
    meta: { title: "Nothing was purged" },
  });
}
