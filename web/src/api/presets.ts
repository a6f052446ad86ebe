import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, bodyOf } from "./client.ts";
import { keys } from "./keys.ts";
import type { PresetFields } from "./types.ts";

/** Every preset, those of the program first. */
export const presetsQuery = queryOptions({
  queryKey: keys.presets,
  queryFn: ({ signal }) => bodyOf(api.GET("/api/presets/", { signal })),
});

/** Makes a preset, or changes the one of that id. */
export function useSavePreset() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, fields }: { id: number | null; fields: PresetFields }) =>
      id === null
        ? bodyOf(api.POST("/api/presets/", { body: fields }))
        : bodyOf(api.PUT("/api/presets/{preset_id}", { params: { path: { preset_id: id } }, body: fields })),
    onSuccess: () => queries.invalidateQueries({ queryKey: keys.presets }),
    meta: { title: "The preset was not saved" },
  });
}

export function useDeletePreset() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (preset_id: number) =>
      bodyOf(api.DELETE("/api/presets/{preset_id}", { params: { path: { preset_id } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: keys.presets }),
    meta: { title: "The preset was not deleted" },
  });
}

/** A preset as a file of its own, for another MediaFlow. */
export function useExportPreset() {
  return useMutation({
    mutationFn: (preset_id: number) =>
      bodyOf(api.GET("/api/presets/{preset_id}/export", { params: { path: { preset_id } } })),
    meta: { title: "The preset was not exported" },
  });
}

export function useImportPreset() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (fields: PresetFields) => bodyOf(api.POST("/api/presets/import", { body: fields })),
    onSuccess: () => queries.invalidateQueries({ queryKey: keys.presets }),
    meta: { title: "The preset was not imported" },
  });
}
