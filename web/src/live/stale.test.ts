import type { QueryKey } from "@tanstack/react-query";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { StaleKeys } from "./stale.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Answers that take a while, and a list of what was asked for. */
function slowQueries(answerMs: number) {
  const asked: QueryKey[] = [];
  const invalidateQueries = async ({ queryKey }: { queryKey?: QueryKey } = {}) => {
    asked.push(queryKey ?? []);
    await new Promise(resolve => setTimeout(resolve, answerMs));
  };
  return { asked, stale: new StaleKeys({ invalidateQueries } as never, 300) };
}

describe("what became stale", () => {
  it("is read again at once", () => {
    const { asked, stale } = slowQueries(10);
    stale.add([["queue"], ["library"]]);
    expect(asked).toEqual([["queue"], ["library"]]);
  });

  it("is read once for a thousand events", async () => {
    const { asked, stale } = slowQueries(10);
    for (let event = 0; event < 1000; event += 1) stale.add([["queue"]]);
    await vi.runAllTimersAsync();
    expect(asked).toEqual([["queue"], ["queue"]]);
  });

  it("is never cancelled by the next event while its answer is on the way", async () => {
    const { asked, stale } = slowQueries(5000);
    stale.add([["library"]]);
    await vi.advanceTimersByTimeAsync(4000);
    stale.add([["library"]]);
    expect(asked).toHaveLength(1);
    await vi.runAllTimersAsync();
    expect(asked).toHaveLength(2);
  });
});
