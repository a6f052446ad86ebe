import { describe, expect, it } from "vitest";
import type { Preset } from "../../api/types.ts";
import { configOf, copyName, formOf, mbpsOf, presetOf } from "./form.ts";

const mobile = {
  name: "Mobile Optimized",
  video_codec: "libx264",
  bitrate_mode: "crf",
  crf_value: 23,
  target_resolution: "1080p",
  audio_mode: "transcode",
  audio_codec: "aac",
  container: "mp4",
  subtitle_mode: "burn",
  hdr_mode: "tonemap",
  encoder_tune: "film",
} as Preset;

describe("a preset in a form", () => {
  it("comes back as it was", () => {
    expect(presetOf("Mine", " for phones ", formOf(mobile))).toMatchObject({
      name: "Mine",
      description: "for phones",
      video_codec: "libx264",
      crf_value: 23,
      target_resolution: "1080p",
      audio_codec: "aac",
      subtitle_mode: "burn",
      encoder_tune: "film",
    });
  });

  it("keeps rate, passes and flags as far as the encoder has them", () => {
    const streamed = { ...mobile, bitrate_mode: "cbr", target_bitrate: "3M", custom_flags: "-bf 2" } as Preset;
    expect(configOf(formOf(streamed))).toMatchObject({
      bitrate_mode: "cbr",
      target_bitrate: "3M",
      two_pass: false,
      custom_flags: "-bf 2",
    });
    const average = { ...formOf(streamed), bitrate_mode: "vbr", two_pass: true } as const;
    expect(configOf(average).two_pass).toBe(true);
    const av1 = { ...formOf(streamed), video_codec: "libsvtav1", two_pass: true };
    expect(configOf(av1)).toMatchObject({ bitrate_mode: "vbr", two_pass: false });
    expect(presetOf("Mine", "", { ...average, custom_flags: " " }).custom_flags).toBeNull();
  });

  it("says who encodes, also that nobody in particular does", () => {
    expect(formOf(mobile).hw_accel).toBe("auto");
    expect(configOf(formOf({ ...mobile, hw_accel: "none" } as Preset)).hw_accel).toBe("none");
    const asked = { ...formOf(mobile), hw_accel: "nvenc" };
    expect(presetOf("Mine", "", asked).hw_accel).toBe("nvenc");
    expect(configOf({ ...asked, video_codec: "copy" }).hw_accel).toBe("auto");
  });

  it("leaves the resolution open where there is none", () => {
    expect(presetOf("Mine", "", { ...formOf(mobile), target_resolution: "original" })).toMatchObject({
      target_resolution: null,
      description: null,
    });
  });
});

describe("a job's configuration", () => {
  it("drops a tuning that the encoder does not know", () => {
    expect(configOf({ ...formOf(mobile), video_codec: "libx265" }).encoder_tune).toBe("");
  });

  it("changes nothing of a picture that is copied", () => {
    const config = configOf({ ...formOf(mobile), video_codec: "copy" });
    expect(config).toMatchObject({ target_resolution: "original", hdr_mode: "preserve", encoder_tune: "" });
  });

  it("burns nothing into a copied picture, and asks for a codec only where sound is encoded", () => {
    const copied = configOf({ ...formOf(mobile), video_codec: "copy", audio_mode: "copy" });
    expect(copied).toMatchObject({ subtitle_mode: "copy", audio_languages: [] });
    expect(copied).not.toHaveProperty("audio_codec");
    const down = configOf({ ...formOf(mobile), audio_mode: "downmix", audio_channels: "5.1", audio_codec: "ac3" });
    expect(down).toMatchObject({ audio_codec: "ac3", audio_channels: "5.1" });
  });

  it("aims at a VMAF with a floor that can be met", () => {
    const form = { ...formOf(mobile), bitrate_mode: "quality", target_vmaf: 90, quality_floor: 92 } as const;
    const config = configOf(form);
    expect(config).toMatchObject({ bitrate_mode: "quality", target_vmaf: 90, quality_floor: 85 });
    expect(config).not.toHaveProperty("crf_value");
    expect(configOf({ ...form, video_codec: "copy" })).not.toHaveProperty("quality_floor");
  });

  it("aims at a bitrate or at a quality, never at both", () => {
    const config = configOf({ ...formOf(mobile), bitrate_mode: "vbr", target_mbps: 2.5 });
    expect(config).toMatchObject({ bitrate_mode: "vbr", target_bitrate: "2.5M" });
    expect(config).not.toHaveProperty("crf_value");
  });
});

describe("names and bitrates", () => {
  it("of copies are free ones", () => {
    expect(copyName("A", ["A"])).toBe("A copy");
    expect(copyName("A", ["A", "A copy", "A copy 2"])).toBe("A copy 3");
  });

  it.each([
    ["8M", 8],
    ["800k", 0.8],
    ["2500000", 2.5],
    ["fast", undefined],
    [null, undefined],
  ])("%s is %s Mbit/s", (text, mbps) => expect(mbpsOf(text)).toBe(mbps));
});
