import { bytes, plural, took } from "../../ui/format.ts";

type Data = Record<string, unknown>;

/** What a replacement is for, by its kind. */
const DEEDS: Record<string, (name: string) => string> = {
  replace: name => `Replacing ${name}`,
  beside: name => `Placing the new file beside ${name}`,
  undo: name => `Bringing ${name} back`,
  restore_beside: name => `Bringing ${name} back, beside what has its place`,
};

/** What a step of it has come to. */
const STEPS: Record<string, string> = {
  intent: "begun",
  staged: "the file is copied and checked",
  ready: "ready for the swap",
  preserved: "what was there is set aside",
  placed: "the file is in its place",
  swapped: "swapped",
  done: "done",
  abandoned: "given up, nothing was changed",
  conflict: "stopped, because another file than expected lies there",
};

/** What becomes of an original in quarantine. */
const KEPT: Record<string, string> = {
  held: "is kept in quarantine",
  restoring: "is being brought back",
  restored: "is back in its place",
  purging: "is being removed",
  purged: "was removed for good",
};

const ANSWERS: Record<string, string> = {
  open: "is open again",
  accepted: "was accepted",
  dismissed: "was dismissed",
  actioned: "was queued",
};

const CHANGES: Record<string, string> = { created: "was made", updated: "was changed", deleted: "was deleted" };

const SERVERS: Record<string, string> = { created: "was added", updated: "was changed", deleted: "was removed" };

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
      return `${job} ended: ${text("ending").replaceAll("_", " ")}${outputOf(data)}, after ${took(number("duration"))}`;
    case "job.failed":
      return `${job} failed: ${text("error")}`;
    case "job.encoder_fallback":
      return `${job} goes on with ${text("encoder")}: CPU instead of ${text("instead_of")}, ${text("reason")}`;
    case "job.batch_created":
      return `${plural(number("count"), "job")} queued in one go, from job ${text("first_job_id")} on`;
    case "job.retry_scheduled":
      return `${job} is tried again (retry ${text("retry_count")} of ${text("max_retries")}): ${text("reason")}`;
    case "job.stuck":
      return `${job} did not get on and was stopped`;
    case "job.moved":
      return `${job} has another place in the queue`;
    case "job.cleared":
      return `${plural(number("count"), "job")} cleared away`;
    case "queue.folder_away":
      return data.reason
        ? `${plural(number("jobs"), "job")} cannot go on: ${text("reason")}`
        : `${text("folder")} is there again: ${plural(number("jobs"), "job")} can go on`;
    case "queue.stalled":
      return `The queue has stalled, ${plural(number("jobs"), "job")} waiting: ${text("reason")}`;
    case "queue.paused":
      return "The queue is held";
    case "queue.resumed":
      return "The queue goes on";
    case "sync.completed":
      return `${text("server_name")} was scanned: ${plural(number("seen"), "file")} seen, ${number("probed")} read`;
    case "scan.failed":
      return `The scan of ${text("title") || `library ${text("library_id")}`} failed: ${text("reason")}`;
    case "analysis.completed":
      return `${plural(number("recommendations_generated"), "recommendation")}, ${bytes(number("total_estimated_savings"))} to get back`;
    case "analysis.cancelled":
      return "The analysis was cancelled";
    case "library.added":
      return `${text("title")} was added`;
    case "library.removed":
      return `${text("title")} was removed`;
    case "recommendation.changed":
      return `${quoted(text("title")) ?? `Recommendation ${text("recommendation_id")}`} ${ANSWERS[text("state")] ?? text("state")}`;
    case "preset.changed":
      return `Preset ${quoted(text("name")) ?? text("preset_id")} ${CHANGES[text("change")] ?? "was changed"}`;
    case "setting.changed":
      return `${text("key")} was set`;
    case "server.changed":
      return `Server ${quoted(text("name")) ?? text("server_id")} ${SERVERS[text("change")] ?? "was changed"}`;
    case "server.status":
      return `Server ${text("server_id")}: ${text("status").replaceAll("_", " ")}${data.reason ? `, ${text("reason")}` : ""}`;
    case "server.online":
      return `${text("name")} answers`;
    case "server.offline":
      return `${text("name")} does not answer: ${text("reason")}`;
    case "server.auto_disabled":
      return `${text("name")} failed ${plural(number("consecutive_failures"), "time")} in a row and gets no jobs for ${plural(number("minutes"), "minute")}: ${text("reason")}`;
    case "benchmark.completed":
      return `Server ${text("server_id")} was measured: score ${number("performance_score").toFixed(1)}`;
    case "benchmark.failed":
      return `Server ${text("server_id")} could not be measured: ${text("error")}`;
    case "provision.completed":
      return `Server ${text("server_id")} is set up`;
    case "provision.failed":
      return `Server ${text("server_id")} could not be set up: ${text("error")}`;
    case "replacement.state_changed":
      return `${deedOf(data)}: ${STEPS[text("state")] ?? text("state")}`;
    case "quarantine.changed":
      return `The original ${fileOf(data) ?? `of replacement ${text("replacement_id")}`} ${KEPT[text("state")] ?? text("state")}`;
    default:
      return undefined;
  }
}

function outputOf(data: Data): string {
  return typeof data.output_size === "number" ? `, ${bytes(data.output_size)}` : "";
}

/** What a replacement does, with the file it does it to; events of earlier versions know only a number. */
function deedOf(data: Data): string {
  const file = fileOf(data);
  const deed = DEEDS[String(data.kind ?? "")];
  return file && deed ? deed(file) : `Replacement ${data.replacement_id}`;
}

/** Name of the original, without its folders. */
function fileOf(data: Data): string | undefined {
  return quoted(
    String(data.original ?? "")
      .split("/")
      .at(-1),
  );
}

function quoted(text: string | undefined): string | undefined {
  return text ? `“${text}”` : undefined;
}
