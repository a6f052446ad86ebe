import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, bodyOf } from "./client.ts";
import { keys } from "./keys.ts";
import type { RecommendationSort, RecommendationState } from "./types.ts";

const PER_PAGE = 60;
/** The API takes so many recommendations at once. */
const QUEUED_AT_ONCE = 5000;

/** Which recommendations to list; null for all. */
export interface RecommendationFilter {
  type: string | null;
  state: RecommendationState;
  library_id: number | null;
  sort: RecommendationSort;
}

/** Recommendations, page by page. */
export function recommendationsQuery(filter: RecommendationFilter) {
  return infiniteQueryOptions({
    queryKey: [...keys.recommendations, "page", filter],
    queryFn: ({ pageParam, signal }) => readPage(filter, pageParam, PER_PAGE, signal),
    initialPageParam: 1,
    getNextPageParam: last => (last.page < last.total_pages ? last.page + 1 : undefined),
  });
}

function readPage(filter: RecommendationFilter, page: number, page_size: number, signal: AbortSignal) {
  const { type, library_id, ...rest } = filter;
  const query = {
    ...rest,
    ...(type !== null && { type }),
    ...(library_id !== null && { library_id }),
    page,
    page_size,
  };
  return bodyOf(api.GET("/api/recommendations/page", { params: { query }, signal }));
}

/** All recommendations in numbers, of one library for an id. */
export function summaryQuery(library_id: number | null) {
  const query = library_id === null ? {} : { library_id };
  return queryOptions({
    queryKey: [...keys.recommendations, "summary", library_id],
    queryFn: ({ signal }) => bodyOf(api.GET("/api/recommendations/summary", { params: { query }, signal })),
  });
}

/** The last analyses, newest first. */
export const historyQuery = queryOptions({
  queryKey: [...keys.recommendations, "history"],
  queryFn: ({ signal }) =>
    bodyOf(api.GET("/api/recommendations/history", { params: { query: { limit: 10 } }, signal })),
});

/** What was saved so far. */
export const savingsQuery = queryOptions({
  queryKey: [...keys.recommendations, "savings"],
  queryFn: ({ signal }) => bodyOf(api.GET("/api/recommendations/savings", { signal })),
});

/** Runs the analysis of one library, or of all for null, and waits for its end. */
export function useAnalyze() {
  const queries = useQueryClient();
  return useMutation({
    mutationKey: ["analyze"],
    mutationFn: (library_id: number | null) =>
      library_id === null
        ? bodyOf(api.POST("/api/recommendations/generate"))
        : bodyOf(api.POST("/api/recommendations/analyze/{library_id}", { params: { path: { library_id } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: keys.recommendations }),
    meta: { title: "The analysis did not come to its end" },
  });
}

/** Accepts or dismisses a recommendation, or takes that back. */
export function useAnswer() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, answer }: { id: number; answer: "accept" | "dismiss" | "reopen" }) => {
      const params = { path: { rec_id: id } };
      if (answer === "accept") return bodyOf(api.POST("/api/recommendations/{rec_id}/accept", { params }));
      if (answer === "dismiss") return bodyOf(api.POST("/api/recommendations/{rec_id}/dismiss", { params }));
      return bodyOf(api.POST("/api/recommendations/{rec_id}/reopen", { params }));
    },
    onSettled: () => queries.invalidateQueries({ queryKey: keys.recommendations }),
    meta: { title: "The recommendation was not changed" },
  });
}

/** Queues recommendations: those named, or everything that was accepted. Each has its own preset unless one is given. */
export function useQueueRecommendations() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ ids, preset_id }: { ids: number[] | "accepted"; preset_id: number | null }) => {
      const wanted = ids === "accepted" ? await acceptedIds() : ids;
      const total = { jobs_created: 0, skipped: [] as { reason: string }[] };
      for (let from = 0; from < wanted.length; from += QUEUED_AT_ONCE) {
        const body = { recommendation_ids: wanted.slice(from, from + QUEUED_AT_ONCE), preset_id };
        const answer = await bodyOf(api.POST("/api/recommendations/batch-queue", { body }));
        total.jobs_created += answer.jobs_created;
        total.skipped.push(...answer.skipped);
      }
      return total;
    },
    onSettled: async () => {
      await queries.invalidateQueries({ queryKey: keys.recommendations });
      await queries.invalidateQueries({ queryKey: keys.queue });
    },
    meta: { title: "Not everything was queued" },
  });
}

async function acceptedIds(): Promise<number[]> {
  const filter = { type: null, state: "accepted", library_id: null, sort: "priority" } as const;
  const ids: number[] = [];
  for (let page = 1; ; page += 1) {
    const answer = await readPage(filter, page, 200, new AbortController().signal);
    ids.push(...answer.items.map(item => item.id));
    if (page >= answer.total_pages) return ids;
  }
}
