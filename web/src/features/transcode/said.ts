import { plural } from "../../ui/format.ts";
import { showDone, showWarning } from "../../ui/toast.tsx";

/** What queueing came to. */
interface Queued {
  jobs_created: number;
  skipped: number;
  /** Why the first of those that were skipped was. */
  reason: string;
}

/** Says how many jobs were queued, and warns of what was left out. */
export function sayQueued({ jobs_created, skipped, reason }: Queued): void {
  if (jobs_created > 0) showDone(`${plural(jobs_created, "job")} queued.`);
  if (skipped > 0) showWarning(`${plural(skipped, "file")} left out`, reason);
}
