import { expect, it } from "vitest";
import { paceOf } from "./pace.ts";

it("the pace of an encode is not that of the proof after it", () => {
  const job = { current_fps: 37.5, current_speed: 1.55, eta_seconds: 9 };
  expect(paceOf(job, undefined)).toEqual({ fps: 37.5, speed: 1.55, eta: 9 });
  expect(paceOf(job, { progress: 80, stage: "proving", eta_seconds: 4 })).toEqual({ eta: 4 });
});
