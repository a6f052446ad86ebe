import type { Probe } from "../../api/types.ts";
import { bitrate, bytes, clock, plural } from "../../ui/format.ts";

/** What is in a file, in a few words each. */
export function chipsOf(probe: Probe): string[] {
  const audio = probe.streams.filter(stream => stream.kind === "audio").length;
  const subtitles = probe.streams.filter(stream => stream.kind === "subtitle").length;
  const size = probe.width && probe.height ? `${probe.width} × ${probe.height}` : null;
  return [
    bytes(probe.file_size),
    probe.duration_seconds > 0 && clock(probe.duration_seconds),
    probe.container,
    probe.video_codec,
    [probe.resolution, size && `(${size})`].filter(Boolean).join(" "),
    probe.video_codec && (probe.hdr_format ?? "SDR"),
    probe.bitrate != null && bitrate(probe.bitrate),
    probe.audio_codec && [probe.audio_codec, channelsOf(probe.audio_channels)].filter(Boolean).join(" "),
    audio > 1 && plural(audio, "audio track"),
    subtitles > 0 && plural(subtitles, "subtitle"),
    probe.chapters > 0 && plural(probe.chapters, "chapter"),
  ].filter((chip): chip is string => Boolean(chip));
}

/** Channels as they are called. */
function channelsOf(channels: number | null): string | null {
  const names: Record<number, string> = { 1: "mono", 2: "stereo", 6: "5.1", 7: "6.1", 8: "7.1" };
  return channels === null ? null : (names[channels] ?? plural(channels, "channel"));
}
