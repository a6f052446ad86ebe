import { describe, expect, it } from "vitest";
import { apiError, detailOf } from "./error.ts";

describe("the sentence of an error", () => {
  it("is the API's own", () => {
    expect(detailOf(404, { detail: "There is no job 7." })).toBe("There is no job 7.");
  });

  it("names each field that was refused", () => {
    const detail = [
      { type: "int", loc: ["body", "priority"], msg: "must be a whole number", input: "x" },
      { type: "value_error", loc: ["body", "config", "custom_flags"], msg: "-bf has no value", input: "-bf" },
      { type: "missing", loc: ["body"], msg: "the body is empty", input: null },
    ];
    expect(detailOf(422, { detail })).toBe(
      "priority: must be a whole number; Flags for the encoder: -bf has no value; the body is empty",
    );
  });

  it("calls what it names in brackets as the pages do", () => {
    const detail = "choose Matroska, or allow leaving them out (drop_image_subtitles)";
    expect(detailOf(422, { detail })).toBe("choose Matroska, or allow leaving them out (“Leave out image subtitles”)");
    expect(detailOf(422, { detail: "the disk (dev_sda) is full" })).toBe("the disk (dev_sda) is full");
  });

  it("has no full stop after a question", () => {
    const detail = "attic cannot: does an SSH server listen on that port?. This machine has it.";
    expect(detailOf(409, { detail })).toBe(
      "attic cannot: does an SSH server listen on that port? This machine has it.",
    );
  });

  it("comes with the fields, for the form that they stand in", () => {
    const detail = [
      { type: "value_error", loc: ["body", "config", "custom_flags"], msg: "-bf has no value", input: "" },
    ];
    expect(apiError(422, { detail }).fields).toEqual([{ field: "custom_flags", reason: "-bf has no value" }]);
    expect(apiError(404, { detail: "There is no job 7." }).fields).toEqual([]);
  });

  it("says what is known when the answer has no sentence", () => {
    expect(detailOf(502, "<html>")).toContain("502");
    expect(detailOf(500, { detail: "" })).toContain("500");
  });
});
