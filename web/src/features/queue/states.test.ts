import { describe, expect, it } from "vitest";
import { destinations, reductionOf, stageOf } from "./states.ts";

describe("moving a job in the queue", () => {
  const ids = [5, 3, 8, 9];
  it("goes before its neighbour, or to the end", () => {
    expect(destinations(ids, 2, true, true)).toEqual({ top: 5, up: 3, down: null });
    expect(destinations(ids, 1, true, true)).toEqual({ top: 5, up: 5, down: 9 });
  });

  it("has no way beyond the ends", () => {
    expect(destinations(ids, 0, true, true)).toEqual({ top: undefined, up: undefined, down: 8 });
    expect(destinations(ids, 3, true, true)).toEqual({ top: 5, up: 8, down: undefined });
  });

  it("does not guess what is on another page", () => {
    expect(destinations(ids, 2, false, false)).toEqual({ top: undefined, up: 3, down: undefined });
  });
});

describe("a job in words", () => {
  it("says what it does, by what came live first", () => {
    expect(stageOf({ status: "transcoding", stage: "reading" })).toBe("Reading the source");
    expect(stageOf({ status: "transcoding", stage: "reading" }, "encoding")).toBe("Encoding");
    expect(stageOf({ status: "verifying", stage: null })).toBe("Proving the output");
  });

  it("tells a reduction only with both sizes", () => {
    expect(reductionOf({ source_size: 200, output_size: 50 })).toBe(75);
    expect(reductionOf({ source_size: 200, output_size: null })).toBeUndefined();
    expect(reductionOf({ source_size: 0, output_size: 50 })).toBeUndefined();
  });
});
