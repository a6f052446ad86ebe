import type { JobConfig } from "../../api/queue.ts";
import type { Preset, PresetFields } from "../../api/types.ts";
import type { Refused } from "./refused.ts";

/** How bits are spent: by a CRF, for a measured quality, to an average bitrate, or at a constant one. */
export type RateMode = "crf" | "quality" | "vbr" | "cbr";

/** The ways that an encoder knows. SVT-AV1 keeps no constant bitrate. */
export function rateModesOf(codec: string): RateMode[] {
  return codec === "libsvtav1" ? ["crf", "quality", "vbr"] : ["crf", "quality", "vbr", "cbr"];
}

/** Whether an encoder can go through a film twice; SVT-AV1 leaves no statistics. */
export function canTwoPass(codec: string): boolean {
  return codec === "libx265" || codec === "libx264";
}

/** What a preset says of a file, as fields of a form; empty texts stand for what is left open. */
export interface EncodeForm {
  video_codec: string;
  /** `auto`, `none` for the CPU, or a family of hardware. */
  hw_accel: string;
  bitrate_mode: RateMode;
  crf_value: number;
  /** Mbit/s. */
  target_mbps: number;
  /** The VMAF that is aimed at. */
  target_vmaf: number;
  /** The VMAF that the worst seconds must have. */
  quality_floor: number;
  /** `sampled` or `whole`. */
  quality_check: string;
  /** How often a result below the floor is encoded again. */
  quality_retries: number;
  /** Whether an average bitrate is met in two passes. */
  two_pass: boolean;
  target_resolution: string;
  encoder_tune: string;
  /** Further options of the encoder, as they are typed. */
  custom_flags: string;
  audio_mode: string;
  audio_codec: string;
  /** What a downmix leaves: `stereo` or `5.1`. */
  audio_channels: string;
  /** Languages that are kept; none keeps all. */
  audio_languages: string[];
  audio_default_language: string;
  audio_drop_commentary: boolean;
  /** Whether stereo is added where there is only more. */
  audio_compatibility: boolean;
  container: string;
  subtitle_mode: string;
  subtitle_languages: string[];
  burn_language: string;
  drop_image_subtitles: boolean;
  accept_damage: boolean;
  hdr_mode: string;
}

/** What a part of a form is given. */
export interface EncodeFieldsProps {
  form: EncodeForm;
  change: (form: EncodeForm) => void;
  /** Why the API would not take some of the fields. */
  refused: Refused;
}

/** The worst seconds lie below the mean: a floor closer to the target than this could not be met. */
const WORST_BELOW_MEAN = 5;
/** Identical pictures have 97 to 100. */
const MOST_FLOOR = 97;

/** The highest floor that can be met. */
export function highestFloor(form: EncodeForm): number {
  return form.bitrate_mode === "quality" ? form.target_vmaf - WORST_BELOW_MEAN : MOST_FLOOR;
}

/** Keeps the source's resolution, in the API's word. */
export const ORIGINAL = "original";

/** Tunings that each encoder knows; the API refuses others. */
export const TUNES: Record<string, string[]> = {
  libx265: ["grain", "animation", "fastdecode"],
  libx264: ["film", "animation", "grain", "stillimage", "fastdecode"],
};

/** The worst quality on each encoder's own scale. */
export function worstCrf(codec: string): number {
  return codec === "libsvtav1" ? 63 : 51;
}

const DEFAULT_CRF = 23;
const DEFAULT_MBPS = 8;
const DEFAULT_TARGET_VMAF = 95;
const DEFAULT_FLOOR = 90;

/** A preset, or a job's own settings, as a form. */
export function formOf(preset: Preset | JobConfig | undefined): EncodeForm {
  return {
    video_codec: preset?.video_codec ?? "libx265",
    hw_accel: preset?.hw_accel ?? "auto",
    bitrate_mode: rateModesOf("").find(mode => mode === preset?.bitrate_mode) ?? "crf",
    crf_value: preset?.crf_value ?? DEFAULT_CRF,
    target_mbps: mbpsOf(preset?.target_bitrate) ?? DEFAULT_MBPS,
    target_vmaf: preset?.target_vmaf ?? DEFAULT_TARGET_VMAF,
    quality_floor: preset?.quality_floor ?? DEFAULT_FLOOR,
    quality_check: preset?.quality_check ?? "sampled",
    quality_retries: preset?.quality_retries ?? 1,
    two_pass: preset?.two_pass ?? false,
    target_resolution: preset?.target_resolution ?? ORIGINAL,
    encoder_tune: preset?.encoder_tune ?? "",
    custom_flags: preset?.custom_flags ?? "",
    audio_mode: preset?.audio_mode ?? "copy",
    audio_codec: preset?.audio_codec ?? "aac",
    audio_channels: preset?.audio_channels ?? "stereo",
    audio_languages: preset?.audio_languages ?? [],
    audio_default_language: preset?.audio_default_language ?? "",
    audio_drop_commentary: preset?.audio_drop_commentary ?? false,
    audio_compatibility: preset?.audio_compatibility ?? false,
    container: preset?.container ?? "mkv",
    subtitle_mode: preset?.subtitle_mode ?? "copy",
    subtitle_languages: preset?.subtitle_languages ?? [],
    burn_language: preset?.burn_language ?? "",
    drop_image_subtitles: preset?.drop_image_subtitles ?? false,
    accept_damage: preset?.accept_damage ?? false,
    hdr_mode: preset?.hdr_mode ?? "preserve",
  };
}

/** The form as a job's configuration, laid over a preset: every field is said. */
export function configOf(form: EncodeForm): JobConfig {
  const isCopy = form.video_codec === "copy";
  const mode = rateModesOf(form.video_codec).includes(form.bitrate_mode) ? form.bitrate_mode : "vbr";
  const rate = {
    crf: { crf_value: form.crf_value },
    quality: { target_vmaf: form.target_vmaf },
    vbr: { target_bitrate: `${form.target_mbps}M` },
    cbr: { target_bitrate: `${form.target_mbps}M` },
  }[mode];
  return {
    video_codec: form.video_codec,
    hw_accel: isCopy ? "auto" : form.hw_accel,
    bitrate_mode: mode,
    ...rate,
    ...(!isCopy && {
      quality_floor: Math.min(form.quality_floor, highestFloor({ ...form, bitrate_mode: mode })),
      quality_check: form.quality_check,
      quality_retries: form.quality_retries,
      accept_damage: form.accept_damage,
    }),
    // Without meaning for the other ways: a preset keeps what it says of it.
    two_pass: form.two_pass && (mode !== "vbr" || canTwoPass(form.video_codec)),
    custom_flags: isCopy ? "" : form.custom_flags.trim(),
    target_resolution: isCopy ? ORIGINAL : form.target_resolution,
    encoder_tune: TUNES[form.video_codec]?.includes(form.encoder_tune) ? form.encoder_tune : "",
    audio_mode: form.audio_mode,
    ...(form.audio_mode !== "copy" && { audio_codec: form.audio_codec }),
    ...(form.audio_mode === "downmix" && { audio_channels: form.audio_channels }),
    audio_languages: form.audio_languages,
    audio_default_language: form.audio_default_language.trim(),
    audio_drop_commentary: form.audio_drop_commentary,
    audio_compatibility: form.audio_compatibility,
    container: form.container,
    // A copied picture cannot be drawn into.
    subtitle_mode: isCopy && form.subtitle_mode === "burn" ? "copy" : form.subtitle_mode,
    subtitle_languages: form.subtitle_languages,
    burn_language: form.burn_language.trim(),
    drop_image_subtitles: form.drop_image_subtitles,
    hdr_mode: isCopy ? "preserve" : form.hdr_mode,
  };
}

/** The form as a preset. */
export function presetOf(name: string, description: string, form: EncodeForm): PresetFields {
  const { target_resolution, encoder_tune, custom_flags, ...config } = configOf(form);
  return {
    name: name.trim(),
    description: description.trim() || null,
    ...config,
    target_resolution: target_resolution === ORIGINAL ? null : (target_resolution ?? null),
    encoder_tune: encoder_tune || null,
    custom_flags: custom_flags || null,
  } as PresetFields;
}

/** A name for a copy that is not taken. */
export function copyName(name: string, taken: readonly string[]): string {
  const used = new Set(taken);
  for (let number = 1; ; number += 1) {
    const copy = number === 1 ? `${name} copy` : `${name} copy ${number}`;
    if (!used.has(copy)) return copy;
  }
}

/** `8M` and `800k` as megabits per second. */
export function mbpsOf(text: string | null | undefined): number | undefined {
  const match = /^([\d.]+)\s*([kM]?)$/i.exec(text?.trim() ?? "");
  if (!match) return undefined;
  const unit = { m: 1, k: 1e-3, "": 1e-6 }[match[2]?.toLowerCase() ?? ""] ?? 1;
  return Number(match[1]) * unit;
}
