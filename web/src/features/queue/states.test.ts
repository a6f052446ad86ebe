import { describe, expect, it } from "vitest";
import { destinations, endingOf, reductionOf, stageOf } from "./states.ts";

describe("moving a job in the queue", () => {
  const ids = [5, 3, 8, 9];
  it("goes before its neighbour, or to the end", () => {
    expect(destinations(ids, 2, true, null)).toEqual({ top: 5, up: 3, down: null });
    expect(destinations(ids, 1, true, null)).toEqual({ top: 5, up: 5, down: 9 });
  });

  it("has no way beyond the ends", () => {
    expect(destinations(ids, 0, true, null)).toEqual({ top: undefined, up: undefined, down: 8 });
    expect(destinations(ids, 3, true, null)).toEqual({ top: 5, up: 8, down: undefined });
  });

  it("does not guess what is on another page, and uses what is known of it", () => {
    expect(destinations(ids, 2, false, undefined)).toEqual({ top: undefined, up: 3, down: undefined });
    expect(destinations(ids, 2, false, 11).down).toBe(11);
  });
});

describe("a job in words", () => {
  it("says what it does, by what came live first", () => {
    const job = { status: "transcoding", stage: "reading", is_stopping: false };
    expect(stageOf(job)).toBe("Reading the source");
    expect(stageOf(job, "encoding")).toBe("Encoding");
    expect(stageOf({ ...job, status: "verifying", stage: null })).toBe("Proving the output");
    expect(stageOf({ ...job, status: "transferring" })).toBe("Sending the file");
    expect(stageOf({ ...job, is_stopping: true }, "encoding")).toBe("Stopping");
  });

  it("says how it ended, and whether that was taken back", () => {
    const job = { status: "completed", ending: "not_worth_it", is_undone: false };
    expect(endingOf(job).word).toBe("Not worth it");
    expect(endingOf({ ...job, ending: "replaced", is_undone: true }).word).toBe("Taken back");
    expect(endingOf({ ...job, status: "failed", ending: null }).word).toBe("Failed");
  });

  it("tells a reduction only with both sizes", () => {
    expect(reductionOf({ source_size: 200, output_size: 50 })).toBe(75);
    expect(reductionOf({ source_size: 200, output_size: null })).toBeUndefined();
    expect(reductionOf({ source_size: 0, output_size: 50 })).toBeUndefined();
  });
});
