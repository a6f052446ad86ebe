import { describe, expect, it } from "vitest";
import { at, localOf } from "./instant.ts";

describe("a local time", () => {
  it("is the instant that the clock on the wall shows then", () => {
    const instant = new Date(2026, 10, 3, 2, 5);
    expect(localOf(instant)).toBe("2026-11-03T02:05");
    expect(at("2026-11-03T02:05")).toBe(instant.toISOString());
  });

  it("that is not written yet is none", () => {
    expect(at("")).toBeUndefined();
    expect(at(null)).toBeUndefined();
    expect(at("2026-13-99T99:99")).toBeUndefined();
  });
});
