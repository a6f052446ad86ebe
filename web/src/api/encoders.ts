import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, bodyOf } from "./client.ts";
import { keys } from "./keys.ts";

/** What encodes and decodes on this machine. Asked again until it was tried for the first time. */
export const encodersQuery = queryOptions({
  queryKey: keys.encoders,
  queryFn: ({ signal }) => bodyOf(api.GET("/api/transcode/encoders", { signal })),
  refetchInterval: query => (query.state.data?.is_tried === false ? 2000 : false),
});

/** Tries all of it again, a second each. */
export function useTryEncoders() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => bodyOf(api.POST("/api/transcode/encoders/try")),
    onSuccess: encoders => queries.setQueryData(encodersQuery.queryKey, encoders),
    meta: { title: "The encoders could not be tried" },
  });
}
