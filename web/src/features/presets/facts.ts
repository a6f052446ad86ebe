import type { JobConfig } from "../../api/queue.ts";
import type { Preset } from "../../api/types.ts";
import { GPUS } from "../../ui/hardware.ts";

const CODECS: Record<string, string> = {
  libx265: "HEVC",
  libx264: "H.264",
  libsvtav1: "AV1",
  copy: "Copies the picture",
};

const SUBTITLES: Record<string, string> = {
  convert: "subtitles as text",
  burn: "subtitles burnt in",
  remove: "no subtitles",
};

/** What a preset or a job's own settings do, in a few words each. */
export function factsOf(preset: Preset | JobConfig): string[] {
  const isCopy = preset.video_codec === "copy";
  const rate =
    preset.bitrate_mode === "crf"
      ? `CRF ${preset.crf_value}`
      : preset.bitrate_mode === "quality"
        ? `VMAF ${preset.target_vmaf}`
        : preset.target_bitrate;
  const audio: Record<string, string> = {
    copy: "audio copied",
    transcode: `audio to ${preset.audio_codec ?? "aac"}`,
    downmix: `audio down to ${preset.audio_channels ?? "stereo"}`,
  };
  return [
    CODECS[preset.video_codec ?? ""] ?? preset.video_codec,
    !isCopy && rate,
    !isCopy && preset.hw_accel === "none" && "by the CPU",
    !isCopy && preset.hw_accel && (GPUS[preset.hw_accel] ?? false),
    !isCopy && preset.target_resolution && `at most ${preset.target_resolution}`,
    audio[preset.audio_mode ?? ""] ?? preset.audio_mode,
    preset.container,
    SUBTITLES[preset.subtitle_mode ?? ""],
    preset.audio_languages?.length ? `audio in ${preset.audio_languages.join(", ")}` : undefined,
    !isCopy && preset.hdr_mode === "tonemap" && "HDR to SDR",
    !isCopy && preset.bitrate_mode === "vbr" && preset.two_pass && "two passes",
    preset.encoder_tune && `tuned for ${preset.encoder_tune}`,
    preset.custom_flags && "flags of its own",
  ].filter((fact): fact is string => Boolean(fact));
}
