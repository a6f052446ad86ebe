import { describe, expect, it } from "vitest";
import { factsOf, isInTrouble, isLookedAt, lacksFfmpeg, scoreColor, shortCpu, stateOf, troubleOf } from "./status.ts";

const NOW = Date.parse("2026-11-23T12:00:00Z");
const server = {
  status: "online",
  is_enabled: true,
  set_aside_until: null,
  status_reason: null,
  active_jobs: 0,
  problem: null,
  consecutive_failures: 0,
};
const aside = { ...server, set_aside_until: "2026-11-23T12:15:00Z", status_reason: "3 jobs failed there" };
const offline = { ...server, status: "offline", status_reason: "no answer" };

describe("how a server stands", () => {
  it.each([
    [server, "Online"],
    [{ ...server, active_jobs: 1 }, "Working"],
    [{ ...server, active_jobs: 1, problem: "unreachable" }, "No answer"],
    [{ ...server, status: "pending", problem: "login_refused" }, "Not let in"],
    [{ ...offline, active_jobs: 1 }, "Offline"],
    [{ ...offline, problem: "host_key_changed" }, "Another host key"],
    [{ ...server, status: "setup_failed" }, "Setup failed"],
    [{ ...server, status: "rebooting" }, "rebooting"],
    [aside, "Set aside"],
    [{ ...aside, set_aside_until: "2026-11-23T11:59:00Z" }, "Online"],
    [{ ...aside, is_enabled: false }, "Switched off"],
    [{ ...server, is_enabled: false, active_jobs: 1 }, "Finishing"],
  ])("%o: %s", (given, word) => {
    expect(stateOf(given, NOW).word).toBe(word);
  });

  it("says why it gets no jobs, and nothing while it does", () => {
    expect(troubleOf(aside, NOW)).toBe("Gets no jobs for now, and is tried again in 15 minutes: 3 jobs failed there");
    expect(troubleOf({ ...aside, status_reason: null, consecutive_failures: 5 }, NOW)).toContain(
      ": it failed 5 times in a row",
    );
    expect(troubleOf(offline, NOW)).toBe("no answer");
    expect(troubleOf({ ...server, status_reason: "no folder can be made there" }, NOW)).toBe(
      "no folder can be made there",
    );
    expect(troubleOf(server, NOW)).toBeUndefined();
    expect(troubleOf({ ...aside, is_enabled: false }, NOW)).toBeUndefined();
  });

  it("is in trouble when it should work and does not", () => {
    expect([aside, offline, { ...offline, status_reason: null }].map(one => isInTrouble(one, NOW))).toEqual([
      true,
      true,
      true,
    ]);
    expect([server, { ...offline, is_enabled: false }].map(one => isInTrouble(one, NOW))).toEqual([false, false]);
  });

  it("lacks an ffmpeg only after it was looked at, and never as one that only has libraries", () => {
    const fresh = { ...server, role: "transcode", is_local: false, ffmpeg_version: null };
    expect([isLookedAt(fresh), isLookedAt({ ...fresh, status_reason: "no ffmpeg there" })]).toEqual([true, false]);
    expect([lacksFfmpeg(fresh), lacksFfmpeg({ ...fresh, role: "storage" })]).toEqual([true, false]);
  });
});

describe("what a server is", () => {
  const is = { cpu_model: "Intel(R) Core(TM) i5-6500 CPU @ 3.20GHz", cpu_cores: 4, ram_gb: 15.5 };

  it("in a few words, as far as it told", () => {
    expect(factsOf({ ...is, gpu_model: "Arc A380", os: "Debian 12", arch: "x86_64" })).toEqual([
      "Intel Core i5-6500, 4 threads",
      "16 GiB of RAM",
      "Arc A380",
      "Debian 12, x86_64",
    ]);
    const nothing = { cpu_model: null, cpu_cores: null, ram_gb: null, gpu_model: null, os: null, arch: null };
    expect(factsOf(nothing)).toEqual([]);
  });

  it.each([
    ["AMD Ryzen 9 7950X 16-Core Processor", "AMD Ryzen 9 7950X"],
    ["Intel(R) Celeron(R) J4125 CPU @ 2.00GHz", "Intel Celeron J4125"],
    ["Apple M2", "Apple M2"],
  ])("%s is %s", (model, short) => {
    expect(shortCpu(model)).toBe(short);
  });

  it("has a score whose colour changes at 75 and 40", () => {
    expect([75, 74.9, 40, 39.9].map(scoreColor)).toEqual(["teal", "yellow", "yellow", "gray"]);
  });
});
