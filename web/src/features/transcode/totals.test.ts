import { describe, expect, it } from "vitest";
import { together } from "../../api/queue.ts";
import type { Forecast } from "../../api/types.ts";
import { totalOf } from "./totals.ts";

const forecast = (changes: Partial<Forecast>): Forecast => ({
  jobs: 3,
  foretold_jobs: 3,
  source_size: 4_000_000_000,
  estimated_output_size: 1_000_000_000,
  left_out: [],
  files: [],
  ...changes,
});

describe("what many files come to", () => {
  it.each([
    [{}, "3 files: about 1.0 GB instead of 4.0 GB, 75 % smaller."],
    [{ jobs: 5 }, "5 files: about 1.0 GB instead of 4.0 GB, 75 % smaller; of 2 more it cannot be told beforehand."],
    [{ estimated_output_size: 5_000_000_000 }, "3 files: about 5.0 GB instead of 4.0 GB, 25 % larger."],
    [{ estimated_output_size: 4_000_000_000 }, "3 files: about 4.0 GB instead of 4.0 GB."],
    [{ jobs: 1, foretold_jobs: 0 }, "1 file: how small they get cannot be told beforehand."],
    [{ jobs: 0, foretold_jobs: 0 }, "None of these files can be queued so."],
  ])("%o", (changes, sentence) => expect(totalOf(forecast(changes))).toBe(sentence));

  it("is summed over requests, like reasons together", () => {
    const file = { media_item_id: 1, title: "A", path: "A.mkv", left_out_because: null };
    const first = forecast({ left_out: [{ reason: "failed before", files: 1 }], files: [file] });
    const left_out = [
      { reason: "in the queue already", files: 5 },
      { reason: "failed before", files: 1 },
    ];
    const second = forecast({ left_out, files: [{ ...file, media_item_id: 2 }] });
    expect(together([first, second])).toEqual({
      jobs: 6,
      foretold_jobs: 6,
      source_size: 8_000_000_000,
      estimated_output_size: 2_000_000_000,
      left_out: [
        { reason: "in the queue already", files: 5 },
        { reason: "failed before", files: 2 },
      ],
      files: [file],
    });
  });
});
