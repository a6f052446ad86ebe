import { describe, expect, it } from "vitest";
import { betterPreset, failureOf, isDamaged, meaningOf } from "./explain.ts";

const failed = (status_detail: string) => failureOf({ ending: "failed", validation_status: "failed", status_detail });

describe("a proof that failed", () => {
  it("is said in words of a person, whatever else was measured", () => {
    const detail =
      "the proof failed, the original stays: quality #0: the worst two seconds (at 0:01) have VMAF 81.2, below the floor" +
      " of 90.0; their mean is 92.1; planes #0: two seconds keep only 32.1 dB of colour, below 33 dB; a preset of higher" +
      " quality may do";
    expect(failed(detail)).toBe(
      "The new file was not used: the picture lost more detail than the preset allows, and brightness or colours came" +
        " too far from the original. The original stays as it is.",
    );
    expect(failed("the proof failed, the original stays: video frames #0: 3 are missing")).toContain(
      "frames are missing",
    );
  });

  it("is said also where the check is not known", () => {
    expect(failed("something else")).toContain("not every check of its proof holds");
    expect(meaningOf("smell #0")).toBeUndefined();
  });

  it("is not said of a job that failed for another reason", () => {
    expect(failureOf({ ending: "failed", validation_status: null, status_detail: "the disk is full" })).toBeUndefined();
  });
});

describe("a damaged original", () => {
  const damaged = {
    ending: "refused",
    validation_status: null,
    status_detail:
      "the source is damaged: 4 decoding errors, the first: invalid data; a re-encode would make it permanent",
  };

  it("is told with what can be done", () => {
    expect(isDamaged(damaged)).toBe(true);
    expect(failureOf(damaged)).toContain("A remux keeps everything that can be read");
  });

  it("is not every refusal", () => {
    expect(isDamaged({ ending: "refused", status_detail: "it has no video stream" })).toBe(false);
    expect(isDamaged({ ending: "cancelled", status_detail: null })).toBe(false);
  });
});

describe("the preset to try next", () => {
  it.each([
    ["Storage Saver", "Balanced"],
    ["Balanced", "Ultra Fidelity"],
    ["Ultra Fidelity", "Ultra Fidelity"],
    ["My own", "Balanced"],
  ])("after %s is %s", (name, next) => expect(betterPreset(name)).toBe(next));
});
