import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, bodyOf } from "./client.ts";
import { keys } from "./keys.ts";
import { moved } from "./moved.ts";
import type { paths } from "./schema.d.ts";
import type { Forecast, JobPage, Skipped } from "./types.ts";

export type JobWish = paths["/api/transcode/jobs"]["post"]["requestBody"]["content"]["application/json"];
export type JobConfig = NonNullable<JobWish["config"]>;
type JobChange = paths["/api/transcode/jobs/{job_id}"]["patch"]["requestBody"]["content"]["application/json"];

/** Jobs on a page of the queue. */
export const JOBS_PER_PAGE = 50;
/** The API takes so many items at once. */
const ITEMS_AT_ONCE = 100_000;
const FORECAST_AT_ONCE = 10_000;

/** The queue in numbers. */
export const queueStatsQuery = queryOptions({
  queryKey: [...keys.queue, "stats"],
  queryFn: ({ signal }) => bodyOf(api.GET("/api/transcode/queue/stats", { signal })),
});

/** A page of jobs in these states: in the order of the queue, or what changed last first. */
export function jobsQuery(statuses: readonly string[], order: "queue" | "newest", page: number) {
  const query = { status: statuses.join(","), order, page, page_size: JOBS_PER_PAGE };
  return queryOptions({
    queryKey: [...keys.queue, "jobs", query],
    queryFn: ({ signal }) => bodyOf(api.GET("/api/transcode/jobs", { params: { query }, signal })),
  });
}

export function jobQuery(job_id: number) {
  return queryOptions({
    queryKey: [...keys.job(job_id), "job"],
    queryFn: ({ signal }) => bodyOf(api.GET("/api/transcode/jobs/{job_id}", { params: { path: { job_id } }, signal })),
  });
}

/** What happens to every stream. */
export function planQuery(job_id: number) {
  return queryOptions({
    queryKey: [...keys.job(job_id), "plan"],
    queryFn: ({ signal }) =>
      bodyOf(api.GET("/api/transcode/jobs/{job_id}/plan", { params: { path: { job_id } }, signal })),
  });
}

/** Every check with what it measured. */
export function proofQuery(job_id: number) {
  return queryOptions({
    queryKey: [...keys.job(job_id), "proof"],
    queryFn: ({ signal }) =>
      bodyOf(api.GET("/api/transcode/jobs/{job_id}/proof", { params: { path: { job_id } }, signal })),
  });
}

/** Every try with its command and log. */
export function attemptsQuery(job_id: number) {
  return queryOptions({
    queryKey: [...keys.job(job_id), "attempts"],
    queryFn: ({ signal }) =>
      bodyOf(api.GET("/api/transcode/jobs/{job_id}/attempts", { params: { path: { job_id } }, signal })),
  });
}

/** The log so far; what follows comes live. */
export function logQuery(job_id: number) {
  return queryOptions({
    queryKey: [...keys.job(job_id), "log"],
    queryFn: ({ signal }) =>
      bodyOf(api.GET("/api/transcode/jobs/{job_id}/log", { params: { path: { job_id } }, signal })),
  });
}

/** Steps with their times, streams before and after, and which pictures there are. */
export function reportQuery(job_id: number) {
  return queryOptions({
    queryKey: [...keys.job(job_id), "report"],
    queryFn: ({ signal }) =>
      bodyOf(api.GET("/api/transcode/jobs/{job_id}/report", { params: { path: { job_id } }, signal })),
  });
}

/** Where a picture of a job's film is. */
export function stillUrl(job_id: number, side: "before" | "after", at_seconds: number): string {
  return `/api/transcode/jobs/${job_id}/stills/${side}?at_seconds=${at_seconds}`;
}

/** What would be done, in the API's words: a preset, and what is changed of it. */
type Asked = Pick<JobWish, "preset_id" | "config">;

/** What would become of one item, without doing it. */
export function dryRunQuery(media_item_id: number, { preset_id, config }: Asked) {
  const query = preset_id == null ? { media_item_id } : { media_item_id, preset_id };
  return queryOptions({
    queryKey: [...keys.library, "dry-run", query, config],
    queryFn: ({ signal }) =>
      bodyOf(api.POST("/api/transcode/dry-run", { params: { query }, body: config ?? {}, signal })),
    retry: false,
  });
}

/** What items would come to all together, in as many requests as the API needs. */
export function forecastQuery(ids: readonly number[], asked: Asked) {
  return queryOptions({
    queryKey: [...keys.library, "forecast", ids, asked],
    queryFn: async ({ signal }) => {
      const parts: Forecast[] = [];
      for (let from = 0; from < ids.length; from += FORECAST_AT_ONCE) {
        const body = { ...asked, media_item_ids: ids.slice(from, from + FORECAST_AT_ONCE) };
        parts.push(await bodyOf(api.POST("/api/transcode/forecast", { body, signal })));
      }
      return together(parts);
    },
    retry: false,
    gcTime: 0,
  });
}

/** Several forecasts as one; only the first names files. */
export function together(parts: readonly Forecast[]): Forecast {
  const sum = (name: "jobs" | "foretold_jobs" | "source_size" | "estimated_output_size") =>
    parts.reduce((total, part) => total + part[name], 0);
  const leftOut = new Map<string, number>();
  for (const { reason, files } of parts.flatMap(part => part.left_out)) {
    leftOut.set(reason, (leftOut.get(reason) ?? 0) + files);
  }
  return {
    jobs: sum("jobs"),
    foretold_jobs: sum("foretold_jobs"),
    source_size: sum("source_size"),
    estimated_output_size: sum("estimated_output_size"),
    left_out: [...leftOut].map(([reason, files]) => ({ reason, files })).sort((a, b) => b.files - a.files),
    files: parts[0]?.files ?? [],
  };
}

/** Queues items, in as many requests as the API needs. */
export function useQueueItems() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (wish: JobWish) => {
      const total = { jobs_created: 0, skipped: [] as Skipped[] };
      for (let from = 0; from < wish.media_item_ids.length; from += ITEMS_AT_ONCE) {
        const media_item_ids = wish.media_item_ids.slice(from, from + ITEMS_AT_ONCE);
        const answer = await bodyOf(api.POST("/api/transcode/jobs", { body: { ...wish, media_item_ids } }));
        total.jobs_created += answer.jobs_created;
        total.skipped.push(...answer.skipped);
      }
      return total;
    },
    onSettled: () => queries.invalidateQueries({ queryKey: keys.queue }),
    meta: { title: "Not everything was queued" },
  });
}

export function useChangeJob() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ job_id, ...body }: { job_id: number } & JobChange) =>
      bodyOf(api.PATCH("/api/transcode/jobs/{job_id}", { params: { path: { job_id } }, body })),
    onSettled: () => queries.invalidateQueries({ queryKey: keys.queue }),
    meta: { title: "The job was not changed" },
  });
}

/** Moves a waiting job. The pages that are known show it in its new place at once, and as it was if that fails. */
export function useMoveJob(waiting: readonly string[]) {
  const queries = useQueryClient();
  const status = waiting.join(",");
  const isPage = ({ queryKey }: { queryKey: readonly unknown[] }) => {
    const query = queryKey.at(-1);
    return typeof query === "object" && query !== null && "status" in query && query.status === status;
  };
  const pages = { queryKey: [...keys.queue, "jobs"], predicate: isPage };
  return useMutation({
    mutationFn: ({ job_id, before }: { job_id: number; before: number | null }) =>
      bodyOf(api.POST("/api/transcode/jobs/{job_id}/move", { params: { path: { job_id } }, body: { before } })),
    onMutate: async ({ job_id, before }) => {
      await queries.cancelQueries(pages);
      const known = queries.getQueriesData<JobPage>(pages);
      queries.setQueriesData<JobPage>(pages, page => page && { ...page, items: moved(page.items, job_id, before) });
      return known;
    },
    onError: (_error, _move, known) => {
      for (const [key, page] of known ?? []) queries.setQueryData(key, page);
    },
    onSettled: () => queries.invalidateQueries({ queryKey: keys.queue }),
    meta: { title: "The job was not moved" },
  });
}

/** Brings a job's original back. The dialog that asks shows what failed. */
export function undo(job_id: number, beside: boolean) {
  return bodyOf(api.POST("/api/transcode/jobs/{job_id}/undo", { params: { path: { job_id } }, body: { beside } }));
}

/** Holds the whole queue, or lets it go on. */
export function usePauseQueue() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (pause: boolean) =>
      bodyOf(pause ? api.POST("/api/transcode/queue/pause") : api.POST("/api/transcode/queue/resume")),
    onSettled: () => queries.invalidateQueries({ queryKey: keys.queue }),
    meta: { title: "The queue was not changed" },
  });
}

/** Clears finished jobs away; with `include_active` cancels and clears the others too. */
export function useClearJobs() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (include_active: boolean) =>
      bodyOf(api.DELETE("/api/transcode/jobs/finished", { params: { query: { include_active } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: keys.queue }),
    meta: { title: "The jobs were not cleared away" },
  });
}

/** Removes working files that no unfinished job needs. */
export function useClearCache() {
  return useMutation({
    mutationFn: () => bodyOf(api.DELETE("/api/transcode/cache")),
    meta: { title: "The working files were not removed" },
  });
}
