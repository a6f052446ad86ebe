import type { JobConfig } from "../../api/queue.ts";
import type { Preset } from "../../api/types.ts";

/** No preset of the API has it. */
const REMUX_ID = 0;

/** The remux: not among the API's presets, whose built-in ones are the earlier clients' four, yet as good as one. */
export const REMUX = {
  id: REMUX_ID,
  name: "Remux",
  description: "Pictures and sound as they are, in Matroska: for old containers, saves no space",
  is_builtin: true,
  video_codec: "copy",
  bitrate_mode: "crf",
  audio_mode: "copy",
  container: "mkv",
  subtitle_mode: "copy",
  hdr_mode: "preserve",
  two_pass: false,
} as Preset;

/** A preset and what is changed of it, as the API takes both. */
export interface PresetWish {
  preset_id: number | null;
  config: JobConfig | null;
}

/** Whether it is the remux to Matroska, as it is. */
export function isRemux({ preset_id, config }: PresetWish): boolean {
  return preset_id === null && config?.video_codec === "copy" && (config.container ?? "mkv") === "mkv";
}

/** Whether the CRF is found on samples of the film, so that nobody knows it before. */
export function searchesCrf({ preset_id, config }: PresetWish, presets: readonly Preset[]): boolean {
  const preset = presets.find(one => one.id === preset_id);
  if ((config?.video_codec ?? preset?.video_codec) === "copy") return false;
  return (config?.bitrate_mode ?? preset?.bitrate_mode) === "quality";
}

/** How to ask for a preset; `changed` is laid over it. */
export function wishOf(preset: Preset, changed: JobConfig | null): PresetWish {
  if (preset.id !== REMUX_ID) return { preset_id: preset.id, config: changed };
  return { preset_id: null, config: changed ?? { video_codec: "copy" } };
}
