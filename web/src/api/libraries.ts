import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, bodyOf } from "./client.ts";
import { keys } from "./keys.ts";
import type { LibraryKind } from "./types.ts";

/** Every library, with the scan under way. */
export const librariesQuery = queryOptions({
  queryKey: keys.libraries,
  queryFn: ({ signal }) => bodyOf(api.GET("/api/libraries", { signal })),
});

/** Files of a library that could not be read, with the reason. */
export function unreadableQuery(library_id: number) {
  return queryOptions({
    queryKey: [...keys.library, "unreadable", library_id],
    queryFn: ({ signal }) =>
      bodyOf(api.GET("/api/libraries/{library_id}/unreadable", { params: { path: { library_id } }, signal })),
  });
}

/** The folders in a folder of a server, or of the machine that MediaFlow runs on; the places to begin for a null path. */
export function foldersQuery(path: string | null, server_id: number | null) {
  const query = path === null ? {} : { path };
  return queryOptions({
    queryKey: [...keys.folders, server_id, path],
    queryFn: ({ signal }) =>
      bodyOf(
        server_id === null
          ? api.GET("/api/folders", { params: { query }, signal })
          : api.GET("/api/servers/{server_id}/folders", { params: { path: { server_id }, query }, signal }),
      ),
    // Folders change without an event.
    staleTime: 0,
  });
}

export function useAddLibrary() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: { path: string; title: string | null; type: LibraryKind; worker_server_id: number | null }) =>
      bodyOf(api.POST("/api/libraries", { body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: keys.libraries }),
    meta: { title: "The library was not added" },
  });
}

export function useRemoveLibrary() {
  return useMutation({
    mutationFn: (library_id: number) =>
      bodyOf(api.DELETE("/api/libraries/{library_id}", { params: { path: { library_id } } })),
    meta: { title: "The library was not removed" },
  });
}

export function useStartScan() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (library_id: number) =>
      bodyOf(api.POST("/api/libraries/{library_id}/scan", { params: { path: { library_id } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: keys.libraries }),
    meta: { title: "The scan did not begin" },
  });
}

export function useCancelScan() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (library_id: number) =>
      bodyOf(api.DELETE("/api/libraries/{library_id}/scan", { params: { path: { library_id } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: keys.libraries }),
    meta: { title: "The scan was not stopped" },
  });
}
