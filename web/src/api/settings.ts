import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, bodyOf } from "./client.ts";
import { keys } from "./keys.ts";
import type { PathMapping } from "./types.ts";

/** Everything that can be set, with its bounds and what it is for. */
export const knownSettingsQuery = queryOptions({
  queryKey: [...keys.settings, "known"],
  queryFn: ({ signal }) => bodyOf(api.GET("/api/settings/known", { signal })),
});

/** Sets a value; null brings the default back. */
export function useSetSetting() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ key, value }: { key: string; value: number | boolean | string | PathMapping[] | null }) =>
      bodyOf(api.PUT("/api/settings/{key}", { params: { path: { key } }, body: { value } })),
    onSettled: () => queries.invalidateQueries({ queryKey: keys.settings }),
    meta: { title: "The setting was not changed" },
  });
}

/** The key under which the mappings of all servers are kept. */
const MAPPINGS = "path_mappings";

/** Under which paths all servers see what lies here. */
export const globalMappingsQuery = queryOptions({
  queryKey: [...keys.settings, MAPPINGS],
  queryFn: ({ signal }) => bodyOf(api.GET("/api/settings/{key}", { params: { path: { key: MAPPINGS } }, signal })),
  select: ({ value }) => (value ?? []) as PathMapping[],
});
