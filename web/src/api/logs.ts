import { queryOptions } from "@tanstack/react-query";
import { api, bodyOf } from "./client.ts";
import { keys } from "./keys.ts";

const LINES = 500;

/** The newest events of record, newest first. */
export function newestEventsQuery(limit: number) {
  return queryOptions({
    queryKey: [...keys.events, "newest", limit],
    queryFn: ({ signal }) => bodyOf(api.GET("/api/events", { params: { query: { newest: true, limit } }, signal })),
  });
}

/** The newest lines of the program's own log, of one level for a name. */
export function logsQuery(level: string | null) {
  const query = { limit: LINES, ...(level && { level }) };
  return queryOptions({
    queryKey: [...keys.logs, query],
    queryFn: ({ signal }) => bodyOf(api.GET("/api/logs", { params: { query }, signal })),
    // Log lines come without an event.
    staleTime: 0,
    refetchInterval: 2000,
  });
}

/** What runs in the background. */
export const tasksQuery = queryOptions({
  queryKey: keys.tasks,
  queryFn: ({ signal }) => bodyOf(api.GET("/api/tasks", { signal })),
  staleTime: 0,
  refetchInterval: 2000,
});

/** The machine, the program and its ffmpeg. */
export const diagnosticsQuery = queryOptions({
  queryKey: [...keys.logs, "diagnostics"],
  queryFn: ({ signal }) => bodyOf(api.GET("/api/logs/diagnostics", { signal })),
  staleTime: 0,
});
