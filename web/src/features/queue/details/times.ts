import type { Job, JobStep } from "../../../api/types.ts";

/** What steps come to, in seconds. */
interface Times {
  /** All steps, with the one that is under way. */
  together: number;
  /** From the first beginning to the end; undefined while there is none. */
  overall: number | undefined;
}

/** How long a step took, or has taken so far. */
export function secondsOf(step: Pick<JobStep, "seconds" | "started_at" | "held_seconds">, now: number): number {
  return step.seconds ?? Math.max(0, (now - Date.parse(step.started_at)) / 1000 - step.held_seconds);
}

/** How long all steps took, and the whole job with what it waited for in between. */
export function timesOf(
  steps: readonly JobStep[],
  job: Pick<Job, "first_started_at" | "completed_at"> | undefined,
  now: number,
): Times {
  const together = steps.reduce((sum, step) => sum + secondsOf(step, now), 0);
  if (!job?.first_started_at || !job.completed_at) return { together, overall: undefined };
  return { together, overall: (Date.parse(job.completed_at) - Date.parse(job.first_started_at)) / 1000 };
}
