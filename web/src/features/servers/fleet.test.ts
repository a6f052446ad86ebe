import { describe, expect, it } from "vitest";
import type { Server } from "../../api/types.ts";
import { fleetOf, inReadingOrder, whyNotMeasured } from "./fleet.ts";

const NOW = Date.parse("2026-11-23T12:00:00Z");

function server(name: string, is: Partial<Server> = {}): Server {
  const usual = { role: "transcode", status: "online", is_enabled: true, is_local: false, problem: null };
  const numbers = { active_jobs: 0, queued_jobs: 0, max_concurrent_jobs: 2 };
  return { name, status_reason: null, set_aside_until: null, ...usual, ...numbers, ...is } as Server;
}

const FLEET = [
  server("attic", { is_enabled: false, active_jobs: 1 }),
  server("gpu", { active_jobs: 2, queued_jobs: 1, max_concurrent_jobs: 4 }),
  server("here", { is_local: true, active_jobs: 1 }),
  server("lab", { status: "offline", status_reason: "no route", active_jobs: 1 }),
  server("nas", { role: "storage", max_concurrent_jobs: 1 }),
  server("old", { set_aside_until: "2026-11-23T12:30:00Z", status_reason: "5 jobs failed there" }),
];

describe("servers all together", () => {
  it("stand in the order in which they need somebody, whichever of them has a job", () => {
    const names = ["lab", "old", "here", "gpu", "nas", "attic"];
    expect(inReadingOrder(FLEET, NOW).map(one => one.name)).toEqual(names);
    const idle = FLEET.map(one => ({ ...one, active_jobs: 0 }));
    expect(inReadingOrder(idle, NOW).map(one => one.name)).toEqual(names);
  });

  it("count slots only where jobs can go, and every job that runs", () => {
    const { troubled, ...counts } = fleetOf(FLEET, NOW);
    // gpu, here, nas and old answer, of which old is set aside; gpu and here can have jobs.
    expect(counts).toEqual({ online: 3, aside: 1, off: 1, running: 5, slots: 6, next: 1 });
    expect(troubled.map(one => one.name)).toEqual(["lab", "old"]);
  });

  it("are measured where they can be, and the others have a reason", () => {
    expect(FLEET.map(one => [one.name, whyNotMeasured(one)])).toEqual([
      ["attic", "finishing"],
      ["gpu", undefined],
      ["here", undefined],
      ["lab", "offline"],
      ["nas", "only has libraries"],
      ["old", undefined],
    ]);
  });
});
