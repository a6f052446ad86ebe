import { describe, expect, it } from "vitest";
import { pagesOf } from "./rows.ts";

describe("the pages of a long list", () => {
  it.each([
    [0, 30, [1]],
    [180, 230, [1, 2]],
    [200, 399, [2]],
    [99_990, 99_999, [500]],
    [0, 0, [1]],
    [-3, -1, [1]],
  ])("that hold rows %d to %d are %o", (first, last, pages) => expect(pagesOf(first, last)).toEqual(pages));
});
