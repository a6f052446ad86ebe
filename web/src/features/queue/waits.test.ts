import { describe, expect, it } from "vitest";
import { date } from "../../ui/format.ts";
import { atOf, holdOf, hoursOf, tryOf, waitOf } from "./waits.ts";

const LATER = "2026-11-23T02:00:00Z";

describe("a job that waits", () => {
  const now = Date.parse("2026-11-22T12:00:00Z");
  const job = { status: "queued", waits_until: LATER, retry_count: 0 };
  it("says for which instant, and what that is for", () => {
    expect(waitOf(job, now)).toBe(`Starts after ${date(LATER)}`);
    expect(waitOf({ ...job, retry_count: 1 }, now)).toBe(`Tried again after ${date(LATER)}`);
  });

  it("says nothing when it only waits for its turn", () => {
    expect(waitOf({ ...job, waits_until: null }, now)).toBeUndefined();
    expect(waitOf(job, Date.parse(LATER))).toBeUndefined();
  });
});

describe("a job that was held", () => {
  it("says how far it is, also when it waits to go on", () => {
    expect(atOf({ status: "paused", progress_percent: 33 })).toBe("Paused at 33 %");
    expect(atOf({ status: "queued", progress_percent: 33 })).toBe("Waits at 33 %");
  });

  it("says nothing of how far it is when it has not begun", () => {
    expect(atOf({ status: "paused", progress_percent: 0 })).toBe("Paused");
    expect(atOf({ status: "queued", progress_percent: 0 })).toBeUndefined();
  });
});

describe("the tries of a job", () => {
  it("are counted with the first one", () => {
    expect(tryOf({ retry_count: 0, max_retries: 3 })).toBeUndefined();
    expect(tryOf({ retry_count: 1, max_retries: 3 })).toBe("Try 2 of 4");
    expect(tryOf({ retry_count: 2, max_retries: 0 })).toBe("Try 3 of 3");
  });
});

describe("the active hours", () => {
  const hours = { is_open: false, changes_at: LATER, running_jobs: "finish" };
  it("say when the queue goes on, and what becomes of what runs", () => {
    expect(hoursOf({ active_hours: hours, total_active: 0 })).toBe(
      `Outside of the active hours; goes on at ${date(LATER)}`,
    );
    expect(hoursOf({ active_hours: hours, total_active: 2 })).toContain("what runs is finished");
  });

  it("say nothing while they are not in the way", () => {
    expect(hoursOf({ active_hours: null, total_active: 0 })).toBeUndefined();
    expect(hoursOf({ active_hours: { ...hours, is_open: true }, total_active: 0 })).toBeUndefined();
  });
});

it("nothing begins while the queue is held, whatever the hours", () => {
  const active_hours = { is_open: true, changes_at: LATER, running_jobs: "finish" };
  expect(holdOf({ paused: true, active_hours, total_active: 0 })).toBe("The queue is held: no new job begins");
  expect(holdOf({ paused: false, active_hours, total_active: 0 })).toBeUndefined();
});
