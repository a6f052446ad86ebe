import { expect, it } from "vitest";
import { ApiError } from "../../api/error.ts";
import { isImpossible } from "./possible.ts";

it("a file that is refused as it is cannot be done; one whose settings are refused, or that nobody answered for, may", () => {
  expect(isImpossible(new ApiError(422, "it has no video stream"))).toBe(true);
  expect(isImpossible(new ApiError(422, "", [{ field: "file_path", reason: "it is not there" }]))).toBe(true);
  expect(isImpossible(new ApiError(422, "", [{ field: "custom_flags", reason: "-f cannot be given" }]))).toBe(false);
  expect(isImpossible(new ApiError(0, "nothing answered"))).toBe(false);
  expect(isImpossible(null)).toBe(false);
});
