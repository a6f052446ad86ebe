import { describe, expect, it } from "vitest";
import { droppedBefore } from "./order.ts";

describe("a job that is dropped", () => {
  const ids = [5, 3, 8, 9];
  it("upwards comes before the one in whose place it is", () => {
    expect(droppedBefore(ids, 9, 3, null)).toBe(3);
    expect(droppedBefore(ids, 3, 5, null)).toBe(5);
  });

  it("downwards comes after it, at the end before whatever the next page begins with", () => {
    expect(droppedBefore(ids, 5, 8, null)).toBe(9);
    expect(droppedBefore(ids, 5, 9, null)).toBeNull();
    expect(droppedBefore(ids, 5, 9, 12)).toBe(12);
    expect(droppedBefore(ids, 5, 9, undefined)).toBeUndefined();
  });

  it("where it was, or outside of the list, is not moved", () => {
    expect(droppedBefore(ids, 8, 8, null)).toBeUndefined();
    expect(droppedBefore(ids, 8, 77, null)).toBeUndefined();
  });
});
