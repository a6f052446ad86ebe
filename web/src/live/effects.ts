import type { QueryKey } from "@tanstack/react-query";
import { keys } from "../api/keys.ts";
import type { ProgressStore } from "./progress.ts";
import type { LiveEvent } from "./sequence.ts";
import type { ServerStore } from "./servers.ts";

/** Job events that change files, and with them everything that is counted from files. */
const ENDINGS = new Set(["job.completed", "job.failed", "job.ended"]);

/** Which answers of the API an event of record makes stale. Everything not named changes only the event log. */
export function staleAfter(event: LiveEvent): QueryKey[] {
  const stale: QueryKey[] = [keys.events];
  const [group] = event.event.split(".");
  const jobId = event.data.job_id;
  switch (group) {
    case "job":
      // Servers tell how many jobs they have.
      stale.push(keys.queue, keys.serverList);
      if (typeof jobId === "number") stale.push(keys.job(jobId));
      if (ENDINGS.has(event.event)) stale.push(keys.library, keys.quarantine, keys.recommendations);
      // What failed a film was tried again, and may not count as working any more.
      if (event.event === "job.encoder_fallback") stale.push(keys.encoders);
      break;
    case "replacement":
    case "quarantine":
      stale.push(keys.quarantine, keys.library, keys.queue);
      break;
    case "queue":
      stale.push(keys.queue);
      break;
    case "sync":
    case "scan":
    case "library":
      stale.push(keys.library, keys.libraries, keys.tasks);
      break;
    case "analysis":
    case "recommendation":
      stale.push(keys.recommendations, keys.tasks);
      break;
    case "server":
    case "benchmark":
    case "provision":
      stale.push(keys.servers, keys.queue);
      break;
    case "preset":
      stale.push(keys.presets);
      break;
    case "setting":
      stale.push(keys.settings);
      break;
  }
  return stale;
}

/** Which answers an event that is only shown makes stale: a scan that was stopped ends without an event of record. */
export function staleAfterShown(event: LiveEvent): QueryKey[] {
  return event.event === "scan.progress" && event.data.done === true ? [keys.libraries, keys.tasks] : [];
}

/** Ends the progress that an event of record makes wrong. */
export function endProgress(event: LiveEvent, progress: ProgressStore, servers: ServerStore): void {
  servers.end(event);
  const { job_id, library_id } = event.data;
  if (event.event.startsWith("job.") && event.event !== "job.created" && typeof job_id === "number") {
    progress.forgetJob(job_id);
  }
  if (/^(sync|scan)\./.test(event.event) && typeof library_id === "number") progress.forgetScan(library_id);
}
