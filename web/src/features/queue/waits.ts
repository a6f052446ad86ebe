import type { Job, QueueStats } from "../../api/types.ts";
import { date, percent } from "../../ui/format.ts";

/** Until when a job waits that could have its turn otherwise; undefined for one that waits for its turn only. */
export function waitOf(job: Pick<Job, "status" | "waits_until" | "retry_count">, now = Date.now()): string | undefined {
  if (!job.waits_until || Date.parse(job.waits_until) <= now) return undefined;
  return `${job.retry_count > 0 ? "Tried again" : "Starts"} after ${date(job.waits_until)}`;
}

/** How far a waiting job is that was held, by the user or by the hours; undefined for one that has not begun. */
export function atOf({ status, progress_percent }: Pick<Job, "status" | "progress_percent">): string | undefined {
  const at = progress_percent > 0 ? ` at ${percent(progress_percent)}` : "";
  if (status === "paused") return `Paused${at}`;
  return at === "" ? undefined : `Waits${at}`;
}

/** Which of its tries a job is at, or waits for; undefined for the first. */
export function tryOf(job: Pick<Job, "retry_count" | "max_retries">): string | undefined {
  if (job.retry_count === 0) return undefined;
  // The limit may have been lowered since.
  return `Try ${job.retry_count + 1} of ${Math.max(job.max_retries, job.retry_count) + 1}`;
}

/** What the active hours mean for the queue now; undefined while they are not in the way. */
export function hoursOf(stats: Pick<QueueStats, "active_hours" | "total_active">): string | undefined {
  const hours = stats.active_hours;
  if (!hours || hours.is_open) return undefined;
  const next = hours.changes_at ? `; goes on at ${date(hours.changes_at)}` : "";
  const running = stats.total_active > 0 && hours.running_jobs === "finish" ? ", what runs is finished" : "";
  return `Outside of the active hours${running}${next}`;
}

/** Why no job is begun now, whichever it is; undefined while jobs are begun. */
export function holdOf(stats: Pick<QueueStats, "paused" | "active_hours" | "total_active">): string | undefined {
  return stats.paused ? "The queue is held: no new job begins" : hoursOf(stats);
}
