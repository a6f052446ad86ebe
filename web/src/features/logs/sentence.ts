import { bytes, duration, plural } from "../../ui/format.ts";

type Data = Record<string, unknown>;

/** What an event says in a sentence; undefined for one that this page does not know. */
export function sentenceOf(event: string, raw: unknown): string | undefined {
  const data = (typeof raw === "object" && raw !== null ? raw : {}) as Data;
  const text = (name: string) => String(data[name] ?? "");
  const number = (name: string) => Number(data[name] ?? 0);
  const job = `Job ${text("job_id")}`;
  switch (event) {
    case "job.created":
      return `${job} was queued`;
    case "job.status_changed":
      return `${job} is ${text("status")}${data.reason ? `: ${text("reason")}` : ""}`;
    case "job.completed":
      return `${job} ended: ${text("ending").replaceAll("_", " ")}${outputOf(data)}, after ${duration(number("duration"))}`;
    case "job.failed":
      return `${job} failed: ${text("error")}`;
    case "job.moved":
      return `${job} has another place in the queue`;
    case "job.cleared":
      return `${plural(number("count"), "job")} cleared away`;
    case "queue.paused":
      return "The queue is held";
    case "queue.resumed":
      return "The queue goes on";
    case "sync.completed":
      return `${text("server_name")} was scanned: ${plural(number("seen"), "file")} seen, ${number("probed")} read`;
    case "scan.failed":
      return `The scan of library ${text("library_id")} failed: ${text("reason")}`;
    case "analysis.completed":
      return `${plural(number("recommendations_generated"), "recommendation")}, ${bytes(number("total_estimated_savings"))} to get back`;
    case "library.added":
      return `${text("title")} was added`;
    case "library.removed":
      return `${text("title")} was removed`;
    case "recommendation.changed":
      return `Recommendation ${text("recommendation_id")} is ${text("state")}`;
    case "preset.changed":
      return `Preset ${text("preset_id")} was changed`;
    case "setting.changed":
      return `${text("key")} was set`;
    case "replacement.state_changed":
      return `Replacement ${text("replacement_id")}: ${text("state")}`;
    case "quarantine.changed":
      return `The original of replacement ${text("replacement_id")} is ${text("state")}`;
    default:
      return undefined;
  }
}

function outputOf(data: Data): string {
  return typeof data.output_size === "number" ? `, ${bytes(data.output_size)}` : "";
}
