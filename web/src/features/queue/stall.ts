import { plural } from "../../ui/format.ts";

interface Told {
  event: string;
  data: unknown;
}

/** Events that say nothing of whether the queue gets on: it may have stalled in spite of them. */
const STANDS_STILL = new Set(["job.created", "job.batch_created", "job.moved", "job.cleared"]);

/** Why the queue has stalled, by the newest events, the newest first; undefined as soon as something gets on again. */
export function stallOf(events: readonly Told[]): string | undefined {
  for (const { event, data } of events) {
    if (event === "queue.stalled") return said(data as { jobs: number; minutes: number; reason: string });
    if (event.startsWith("queue.") || (event.startsWith("job.") && !STANDS_STILL.has(event))) return undefined;
  }
}

function said({ jobs, minutes, reason }: { jobs: number; minutes: number; reason: string }): string {
  const wait = jobs === 1 ? "1 job waits" : `${plural(jobs, "job")} wait`;
  return `${wait}, and none has got on for ${plural(minutes, "minute")}: ${reason}.`;
}
