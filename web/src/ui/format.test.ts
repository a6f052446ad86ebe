import { describe, expect, it } from "vitest";
import { ago, bitrate, bytes, clock, duration, memory, percent, plural, roughly, took } from "./format.ts";

describe("sizes", () => {
  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1.0 kB"],
    [999_960, "1.0 MB"],
    [1_234_000_000, "1.2 GB"],
    [812_300_000_000_000, "812.3 TB"],
    [-1500, "-1.5 kB"],
  ])("%d is %s, as on the command line", (value, text) => expect(bytes(value)).toBe(text));
});

describe("rates, lengths and counts", () => {
  it("change their unit where a reader would", () => {
    expect([640, 8400, 84_300, 941_200, 2_412_000].map(bitrate)).toEqual([
      "640 kbit/s",
      "8.4 Mbit/s",
      "84.3 Mbit/s",
      "941 Mbit/s",
      "2.4 Gbit/s",
    ]);
    expect(memory(23.47)).toBe("23 GiB");
    expect(clock(5946)).toBe("1:39:06");
    expect(clock(67)).toBe("1:07");
    expect([4.24, 12, 59.7, 103].map(took)).toEqual(["4.2 s", "12 s", "1:00", "1:43"]);
    expect(duration(5946)).toBe("1 h 39 min");
    expect(duration(187_200)).toBe("2 d 4 h");
    expect(duration(12)).toBe("12 s");
    expect(percent(0.4)).toBe("0.4 %");
    expect(percent(52.4)).toBe("52 %");
    expect(plural(1, "file")).toBe("1 file");
    expect(plural(100_000, "file")).toBe("100,000 files");
  });
});

describe("guesses of lengths", () => {
  it.each([
    [20, "1 min"],
    [460, "8 min"],
    [2500, "40 min"],
    [6000, "2 h"],
    [170_000, "47 h"],
    [250_000, "3 d"],
  ])("%d seconds are %s", (seconds, text) => expect(roughly(seconds)).toBe(text));
});

describe("instants", () => {
  const now = Date.parse("2026-11-22T12:00:00Z");
  it.each([
    ["2026-11-22T11:59:59.8Z", "just now"],
    ["2026-11-22T11:57:00Z", "3 minutes ago"],
    ["2026-11-21T12:00:00Z", "yesterday"],
    ["2026-12-05T12:00:00Z", "in 13 days"],
  ])("%s is %s", (instant, text) => expect(ago(instant, now)).toBe(text));
});
