import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, bodyOf } from "./client.ts";
import { keys } from "./keys.ts";
import type { PathMapping, ServerFields, ServerTry } from "./types.ts";

/** Every machine that encodes, by name. */
export const serversQuery = queryOptions({
  queryKey: keys.serverList,
  queryFn: ({ signal }) => bodyOf(api.GET("/api/servers/", { signal })),
});

/** Servers that a job can be given to now, by name. */
export const availableServersQuery = queryOptions({
  queryKey: [...keys.servers, "available"],
  queryFn: ({ signal }) => bodyOf(api.GET("/api/servers/available", { signal })),
  // How much each has to do changes with every job.
  staleTime: 0,
});

/** How long a server would take for a file, by what it did before. */
export function estimateQuery(server_id: number, file_size_bytes: number, duration_ms: number) {
  const query = { file_size_bytes, duration_ms };
  return queryOptions({
    queryKey: [...keys.servers, "estimate", server_id, query],
    queryFn: ({ signal }) =>
      bodyOf(api.GET("/api/servers/{server_id}/estimate", { params: { path: { server_id }, query }, signal })),
    // What it learned changes with every job.
    staleTime: 0,
  });
}

/** How a server feels, as it was heard last; what follows comes live. */
export function serverStatusQuery(server_id: number) {
  return queryOptions({
    queryKey: [...keys.servers, "status", server_id],
    queryFn: ({ signal }) =>
      bodyOf(api.GET("/api/servers/{server_id}/status", { params: { path: { server_id } }, signal })),
  });
}

/** What was measured of a server, newest first. */
export function benchmarksQuery(server_id: number) {
  return queryOptions({
    queryKey: [...keys.servers, "benchmarks", server_id],
    queryFn: ({ signal }) =>
      bodyOf(api.GET("/api/servers/{server_id}/benchmarks", { params: { path: { server_id } }, signal })),
  });
}

/** What the last setup of a server said. */
export function setupLogQuery(server_id: number) {
  return queryOptions({
    queryKey: [...keys.servers, "setup-log", server_id],
    queryFn: ({ signal }) =>
      bodyOf(api.GET("/api/servers/{server_id}/provision-log", { params: { path: { server_id } }, signal })),
  });
}

/** Adds a server, or changes one. Its form shows why it was refused. */
export function useSaveServer() {
  return useServerMutation(
    "The server was not saved",
    ({ id, ...body }: ServerFields & { id: number | null }) =>
      bodyOf(
        id === null
          ? api.POST("/api/servers/", { body })
          : api.PUT("/api/servers/{server_id}", { params: { path: { server_id: id } }, body }),
      ),
    true,
  );
}

export function useEnableServer() {
  return useServerMutation("The server was not changed", ({ id, is_enabled }: { id: number; is_enabled: boolean }) =>
    bodyOf(api.PUT("/api/servers/{server_id}", { params: { path: { server_id: id } }, body: { is_enabled } })),
  );
}

export function useSetMappings() {
  return useServerMutation(
    "The path mappings were not saved",
    ({ id, path_mappings }: { id: number; path_mappings: PathMapping[] }) =>
      bodyOf(api.PUT("/api/servers/{server_id}", { params: { path: { server_id: id } }, body: { path_mappings } })),
  );
}

export function useRemoveServer() {
  return useServerMutation("The server was not removed", (server_id: number) =>
    bodyOf(api.DELETE("/api/servers/{server_id}", { params: { path: { server_id } } })),
  );
}

/** Connects to a server and looks what it is. An answer that it failed is none that this rejects with. */
export function useTestServer() {
  return useServerMutation("The connection was not tested", (server_id: number) =>
    bodyOf(api.POST("/api/servers/{server_id}/test", { params: { path: { server_id } } })),
  );
}

/** The same for one that is not saved. Its form shows why it was refused. */
export function useTryServer() {
  return useMutation({
    mutationFn: (body: ServerTry) => bodyOf(api.POST("/api/servers/test", { body })),
    meta: { title: "The connection was not tested", isShownInPlace: true },
  });
}

/** Forgets the host key of a server that was set up anew; the next connection keeps the one that it shows. */
export function useForgetHostKey() {
  return useServerMutation("The host key was not forgotten", (server_id: number) =>
    bodyOf(api.POST("/api/servers/{server_id}/forget-host-key", { params: { path: { server_id } } })),
  );
}

export function useSetUpServer() {
  return useServerMutation("The setup did not begin", ({ id, install_gpu }: { id: number; install_gpu: boolean }) =>
    bodyOf(
      api.POST("/api/servers/{server_id}/provision", { params: { path: { server_id: id } }, body: { install_gpu } }),
    ),
  );
}

/** Begins to measure a server; how far that is comes live. */
export function benchmarkServer(server_id: number) {
  return bodyOf(api.POST("/api/servers/{server_id}/benchmark", { params: { path: { server_id } } }));
}

export function useBenchmarkServer() {
  return useServerMutation("The benchmark did not begin", benchmarkServer);
}

/**
 * Whether a server sees a file of this machine, by its path mappings, or by others that are not saved yet. Asked at
 * another time it is another question.
 */
export function pathCheckQuery(server_id: number, path: string, path_mappings: PathMapping[] | null, time: number) {
  const body = { path, path_mappings };
  return queryOptions({
    queryKey: [...keys.pathChecks, server_id, body, time],
    queryFn: ({ signal }) =>
      bodyOf(api.POST("/api/servers/{server_id}/check-path", { params: { path: { server_id } }, body, signal })),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
  });
}

/** What changes servers: all that is known of them is read again, and a failure says what did not happen. */
function useServerMutation<Variables, Answer>(
  title: string,
  mutationFn: (variables: Variables) => Promise<Answer>,
  isShownInPlace = false,
) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn,
    onSettled: () => queries.invalidateQueries({ queryKey: keys.servers }),
    meta: { title, isShownInPlace },
  });
}
