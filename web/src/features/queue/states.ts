import type { Job } from "../../api/types.ts";

/** Statuses of jobs that work on a file now. */
export const RUNNING = ["transferring", "transcoding", "verifying", "replacing"] as const;
/** Statuses of jobs that wait for their turn, or for the user. */
export const WAITING = ["queued", "paused"] as const;
export const COMPLETED = ["completed"] as const;
export const FAILED = ["failed", "cancelled"] as const;

/** What a running job does, in words. */
export function stageOf(job: Pick<Job, "status" | "stage" | "is_stopping">, live?: string): string {
  if (job.is_stopping) return "Stopping";
  // Its stage is that of the read which follows.
  if (job.status === "transferring") return "Sending the file";
  const stages: Record<string, string> = {
    reading: "Reading the source",
    "trying CRFs": "Searching the CRF",
    encoding: "Encoding",
    proving: "Proving the output",
    replacing: "Replacing the original",
  };
  const statuses: Record<string, string> = {
    transcoding: "Encoding",
    verifying: "Proving the output",
    replacing: "Replacing the original",
  };
  return stages[live ?? job.stage ?? ""] ?? statuses[job.status] ?? job.status;
}

/** How a job ended, in a word and its colour. */
export function endingOf(job: Pick<Job, "status" | "ending" | "is_undone">): { word: string; color: string } {
  if (job.is_undone) return { word: "Taken back", color: "violet" };
  const endings: Record<string, { word: string; color: string }> = {
    replaced: { word: "Replaced", color: "teal" },
    placed: { word: "Placed beside", color: "teal" },
    planned: { word: "Planned only", color: "gray" },
    not_worth_it: { word: "Not worth it", color: "yellow" },
    refused: { word: "Refused", color: "orange" },
    failed: { word: "Failed", color: "red" },
    cancelled: { word: "Cancelled", color: "gray" },
  };
  return endings[job.ending ?? job.status] ?? { word: job.status, color: "gray" };
}

/** By how much the output is smaller, 0 to 100; undefined without both sizes. */
export function reductionOf(job: Pick<Job, "source_size" | "output_size">): number | undefined {
  if (!job.source_size || job.output_size == null) return undefined;
  return (1 - job.output_size / job.source_size) * 100;
}

/** Where a waiting job goes: directly before a job, at the very end for null; undefined where it cannot be told. */
export type Destination = number | null | undefined;

/** Where the job at a place of a page of the queue goes by one step; `next` is what follows the page. */
export function destinations(ids: readonly number[], place: number, isFirstPage: boolean, next: Destination) {
  const first: Destination = place > 0 ? ids[0] : undefined;
  const up: Destination = place > 0 ? ids[place - 1] : undefined;
  const last = place === ids.length - 1;
  // The last one of a page goes down onto the next, where it is not known what comes second.
  const down: Destination = last ? undefined : (ids[place + 2] ?? next);
  return { top: isFirstPage ? first : undefined, up, down };
}
