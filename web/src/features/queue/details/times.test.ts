import { describe, expect, it } from "vitest";
import { timesOf } from "./times.ts";

const at = (clock: string) => `2026-11-23T${clock}Z`;
const step = (started_at: string, seconds: number | null) => ({
  ...{ stage: "encoding", started_at: at(started_at), ended_at: null, held_seconds: 0, trouble: null, seconds },
});

describe("how long a job took", () => {
  it("counts the step that is under way", () => {
    const steps = [step("11:46:00", 12), step("11:46:12", null)];
    expect(timesOf(steps, undefined, Date.parse(at("11:46:42")))).toEqual({ together: 42, overall: undefined });
  });

  it("is from its first beginning to its end, with what it waited for", () => {
    const job = { first_started_at: at("11:46:00"), completed_at: at("11:49:00") };
    const steps = [step("11:46:00", 60), step("11:48:00", 60)];
    expect(timesOf(steps, job, 0)).toEqual({ together: 120, overall: 180 });
  });
});
