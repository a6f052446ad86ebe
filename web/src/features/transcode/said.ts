import { inOurWords } from "../../api/fields.ts";
import { plural } from "../../ui/format.ts";
import { showDone, showWarning } from "../../ui/toast.tsx";

/** Files that a toast names. */
const NAMED = 3;

/** What queueing came to. */
interface Queued {
  jobs_created: number;
  skipped: readonly { media_item_id?: number | null; reason: string }[];
}

/** Says how many jobs were queued, and warns of what was left out: of which files, and why. */
export function sayQueued({ jobs_created, skipped }: Queued, names: ReadonlyMap<number, string> = new Map()): void {
  if (jobs_created > 0) showDone(`${plural(jobs_created, "job")} queued.`);
  if (skipped.length === 0) return;
  const lines = skipped.slice(0, NAMED).map(({ media_item_id, ...one }) => {
    const reason = inOurWords(one.reason);
    const name = names.get(media_item_id ?? 0);
    return name === undefined ? reason : `${name}: ${reason}`;
  });
  const more = skipped.length - NAMED;
  if (more > 0) lines.push(`and ${plural(more, "more", "more")}`);
  showWarning(`${plural(skipped.length, "file")} left out`, [...new Set(lines)].join("\n"));
}
