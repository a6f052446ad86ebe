import type { Job } from "../../api/types.ts";
import { factsOf } from "../presets/facts.ts";

/** What a job is called. */
export function nameOf(job: Pick<Job, "id" | "media_title" | "source_path">): string {
  return job.media_title ?? job.source_path?.split("/").at(-1) ?? `Job ${job.id}`;
}

/** The API's name of settings that are no preset's. */
const CUSTOM = "Custom";
/** Of settings without a name the codec, the rate and one thing more are told. */
const FACTS = 3;

/** With which preset a job works; settings without a name are told by what they do. */
export function presetNameOf({ preset_name, config_json }: Pick<Job, "preset_name" | "config_json">): string {
  if (preset_name !== CUSTOM || !config_json) return preset_name;
  return `${CUSTOM}: ${factsOf(config_json).slice(0, FACTS).join(", ")}`;
}
