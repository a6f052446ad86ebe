import { describe, expect, it } from "vitest";
import { sentenceOf } from "./sentence.ts";

describe("an event in a sentence", () => {
  it.each([
    ["job.created", { job_id: 7 }, "Job 7 was queued"],
    ["job.status_changed", { job_id: 7, status: "verifying" }, "Job 7 is verifying"],
    [
      "job.completed",
      { job_id: 7, output_size: 1_500_000_000, duration: 3900, ending: "replaced" },
      "Job 7 ended: replaced, 1.5 GB, after 1 h 5 min",
    ],
    [
      "job.completed",
      { job_id: 7, output_size: null, duration: 12, ending: "not_worth_it" },
      "Job 7 ended: not worth it, after 12 s",
    ],
    ["job.failed", { job_id: 7, error: "the disk is full" }, "Job 7 failed: the disk is full"],
  ])("%s", (event, data, sentence) => expect(sentenceOf(event, data)).toBe(sentence));

  it("is left to the raw data for an event of a later version", () => {
    expect(sentenceOf("cloud.deploy_failed", { server_id: 1 })).toBeUndefined();
  });
});
