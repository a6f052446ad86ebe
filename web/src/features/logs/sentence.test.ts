import { describe, expect, it } from "vitest";
import { sentenceOf } from "./sentence.ts";

describe("an event in a sentence", () => {
  it.each([
    ["job.created", { job_id: 7 }, "Job 7 was queued"],
    ["job.status_changed", { job_id: 7, status: "verifying" }, "Job 7 is verifying"],
    [
      "job.completed",
      { job_id: 7, output_size: 1_500_000_000, duration: 3900, ending: "replaced" },
      "Job 7 ended: replaced, 1.5 GB, after 1:05:00",
    ],
    [
      "job.completed",
      { job_id: 7, output_size: null, duration: 12, ending: "not_worth_it" },
      "Job 7 ended: not worth it, after 12 s",
    ],
    ["job.failed", { job_id: 7, error: "the disk is full" }, "Job 7 failed: the disk is full"],
    [
      "job.encoder_fallback",
      { job_id: 7, encoder: "libx265", instead_of: "NVENC", reason: "Cannot load libcuda.so.1" },
      "Job 7 goes on with libx265: CPU instead of NVENC, Cannot load libcuda.so.1",
    ],
    ["job.batch_created", { first_job_id: 5, count: 1200 }, "1,200 jobs queued in one go, from job 5 on"],
    [
      "job.retry_scheduled",
      { job_id: 7, retry_count: 2, max_retries: 3, backoff_minutes: 5, reason: "killed" },
      "Job 7 is tried again (retry 2 of 3): killed",
    ],
    ["server.changed", { server_id: 2, name: "attic", change: "created" }, "Server “attic” was added"],
    ["server.offline", { server_id: 2, name: "attic", reason: "no answer" }, "attic does not answer: no answer"],
    ["server.status", { server_id: 2, status: "setup_failed" }, "Server 2: setup failed"],
    [
      "server.auto_disabled",
      { server_id: 2, name: "attic", consecutive_failures: 5, minutes: 15, reason: "no space" },
      "attic failed 5 times in a row and gets no jobs for 15 minutes: no space",
    ],
    [
      "benchmark.completed",
      { server_id: 2, benchmark_id: 1, performance_score: 87.25 },
      "Server 2 was measured: score 87.3",
    ],
    ["provision.failed", { server_id: 2, error: "no room" }, "Server 2 could not be set up: no room"],
    ["queue.folder_away", { folder: "/films", jobs: 2, reason: "it is gone" }, "2 jobs cannot go on: it is gone"],
    ["queue.folder_away", { folder: "/films", jobs: 2 }, "/films is there again: 2 jobs can go on"],
    ["queue.stalled", { jobs: 1, minutes: 30, reason: "…" }, "The queue has stalled, 1 job waiting: …"],
    ["preset.changed", { preset_id: 11, name: "Phone", change: "created" }, "Preset “Phone” was made"],
    ["preset.changed", { preset_id: 11, name: "Phone", change: "deleted" }, "Preset “Phone” was deleted"],
    [
      "replacement.state_changed",
      { replacement_id: "ff-7", kind: "replace", original: "Alien (1979)/Alien.mkv", state: "intent" },
      "Replacing “Alien.mkv”: begun",
    ],
    [
      "replacement.state_changed",
      { replacement_id: "ff-8", kind: "undo", original: "Alien.mkv", state: "done" },
      "Bringing “Alien.mkv” back: done",
    ],
    [
      "quarantine.changed",
      { replacement_id: "ff-7", original: "Alien.mkv", state: "held" },
      "The original “Alien.mkv” is kept in quarantine",
    ],
    [
      "recommendation.changed",
      { recommendation_id: 3, title: "Alien: H.264 to HEVC", state: "dismissed" },
      "“Alien: H.264 to HEVC” was dismissed",
    ],
    ["scan.failed", { library_id: 1, title: "Films", reason: "it is gone" }, "The scan of Films failed: it is gone"],
  ])("%s", (event, data, sentence) => expect(sentenceOf(event, data)).toBe(sentence));

  it.each([
    ["preset.changed", { preset_id: 11 }, "Preset 11 was changed"],
    ["replacement.state_changed", { replacement_id: 7, state: "done" }, "Replacement 7: done"],
    ["recommendation.changed", { recommendation_id: 3, state: "accepted" }, "Recommendation 3 was accepted"],
  ])("%s of an earlier version has its number", (event, data, sentence) =>
    expect(sentenceOf(event, data)).toBe(sentence),
  );

  it("is left to the raw data for an event of a later version", () => {
    expect(sentenceOf("cloud.deploy_failed", { server_id: 1 })).toBeUndefined();
  });
});
