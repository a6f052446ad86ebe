import { describe, expect, it } from "vitest";
import { stallOf } from "./stall.ts";

const stalled = { event: "queue.stalled", data: { jobs: 3, minutes: 30, reason: "1 job in hand, and none gets on" } };
const other = (event: string) => ({ event, data: {} });

describe("a stalled queue", () => {
  it("is told with what keeps it", () => {
    expect(stallOf([stalled])).toBe(
      "3 jobs wait, and none has got on for 30 minutes: 1 job in hand, and none gets on.",
    );
  });

  it("is still stalled when more is queued, and whatever happens elsewhere", () => {
    expect(stallOf([other("job.created"), other("sync.completed"), stalled])).toContain("3 jobs wait");
  });

  it("is told no more when a job gets on or the queue is held", () => {
    expect(stallOf([other("job.status_changed"), stalled])).toBeUndefined();
    expect(stallOf([other("queue.paused"), stalled])).toBeUndefined();
    expect(stallOf([])).toBeUndefined();
  });
});
