import { describe, expect, it } from "vitest";
import { type EventPage, type LiveEvent, Sequence } from "./sequence.ts";

function event(seq: number | null, name = "job.created"): LiveEvent {
  return { event: name, timestamp: "2026-11-22T12:00:00Z", seq, data: {} };
}

/** A server's event log that can be read in small pages, fail, and answer late. */
class Log {
  events: LiveEvent[] = [];
  reads: number[] = [];
  down = false;
  gate: Promise<void> = Promise.resolve();
  readonly pageSize: number;

  constructor(pageSize = 2) {
    this.pageSize = pageSize;
  }

  add(...seqs: number[]): void {
    this.events.push(...seqs.map(seq => event(seq)));
  }

  read = async (after: number): Promise<EventPage> => {
    this.reads.push(after);
    await this.gate;
    if (this.down) throw new Error("no connection");
    const rest = this.events.filter(e => e.seq !== null && e.seq > after);
    const page = rest.slice(0, this.pageSize);
    return { events: page, last_seq: this.events.at(-1)?.seq ?? 0, has_more: rest.length > page.length };
  };
}

function setUp(log = new Log()) {
  const applied: (number | null)[] = [];
  const shown: string[] = [];
  let refreshes = 0;
  const sequence = new Sequence({
    apply: e => applied.push(e.seq),
    show: e => shown.push(e.event),
    read: log.read,
    refresh: () => {
      refreshes += 1;
    },
  });
  return { log, sequence, applied, shown, refreshes: () => refreshes };
}

/** A page that is connected and stands at event 10. */
async function connectedAt10() {
  const page = setUp();
  page.log.add(9, 10);
  await page.sequence.catchUp();
  page.log.reads = [];
  return page;
}

describe("a page that was just opened", () => {
  it("starts at the end of the log and reads its data once", async () => {
    const { sequence, applied, refreshes } = await connectedAt10();
    expect(sequence.last).toBe(10);
    expect(applied).toEqual([]);
    expect(refreshes()).toBe(1);
  });

  it("loses no event that comes before it knows where the log ends", async () => {
    const { log, sequence, applied } = setUp();
    log.add(1, 2);
    const opening = sequence.catchUp();
    log.add(3);
    const live = sequence.receive(event(3));
    await Promise.all([opening, live]);
    // Event 3 is either before the refresh or applied after it, but never both missing.
    expect(sequence.last).toBe(3);
    expect(applied.filter(seq => seq === 3).length).toBeLessThanOrEqual(1);
  });

  it("starts with an empty log", async () => {
    const { log, sequence, applied } = setUp();
    await sequence.catchUp();
    log.add(1);
    await sequence.receive(event(1));
    expect(applied).toEqual([1]);
  });
});

describe("a connected page", () => {
  it("applies events as they come, without reading the log", async () => {
    const { log, sequence, applied } = await connectedAt10();
    for (const seq of [11, 12, 13]) await sequence.receive(event(seq));
    expect(applied).toEqual([11, 12, 13]);
    expect(log.reads).toEqual([]);
  });

  it("drops what came twice", async () => {
    const { sequence, applied } = await connectedAt10();
    for (const seq of [11, 11, 10, 3, 12, 11]) await sequence.receive(event(seq));
    expect(applied).toEqual([11, 12]);
  });

  it("fills a gap from the log before it goes on", async () => {
    const { log, sequence, applied } = await connectedAt10();
    log.add(11, 12, 13, 14);
    await sequence.receive(event(14));
    expect(applied).toEqual([11, 12, 13, 14]);
  });

  it("puts events in order that came out of order", async () => {
    const { log, sequence, applied } = await connectedAt10();
    log.add(11, 12, 13);
    await Promise.all([sequence.receive(event(13)), sequence.receive(event(11)), sequence.receive(event(12))]);
    expect(applied).toEqual([11, 12, 13]);
  });

  it("applies what comes while the log is read, once and in its place", async () => {
    const { log, sequence, applied } = await connectedAt10();
    let open = () => {};
    log.gate = new Promise(resolve => {
      open = resolve;
    });
    log.add(11, 12, 13, 14);
    const receiving = [sequence.receive(event(12)), sequence.receive(event(13)), sequence.receive(event(14))];
    log.add(15);
    receiving.push(sequence.receive(event(15)));
    open();
    await Promise.all(receiving);
    expect(applied).toEqual([11, 12, 13, 14, 15]);
  });

  it("does not wait for a place that the log does not have", async () => {
    const { log, sequence, applied } = await connectedAt10();
    log.add(13);
    await sequence.receive(event(13));
    await sequence.receive(event(14));
    expect(applied).toEqual([13, 14]);
  });

  it("goes on when the socket is ahead of what the log shows", async () => {
    const { sequence, applied } = await connectedAt10();
    await sequence.receive(event(12));
    expect(applied).toEqual([12]);
  });

  it("shows progress at once and never counts it", async () => {
    const { sequence, applied, shown } = await connectedAt10();
    await sequence.receive(event(null, "job.progress"));
    expect(shown).toEqual(["job.progress"]);
    expect(applied).toEqual([]);
    expect(sequence.last).toBe(10);
  });
});

describe("a page that was away", () => {
  it("reads everything it missed, page by page", async () => {
    const { log, sequence, applied, refreshes } = await connectedAt10();
    log.add(11, 12, 13, 14, 15);
    await sequence.catchUp();
    expect(applied).toEqual([11, 12, 13, 14, 15]);
    expect(refreshes()).toBe(1);
  });

  it("keeps what had come when the log cannot be read, and applies it the next time", async () => {
    const { log, sequence, applied } = await connectedAt10();
    log.add(11, 12, 13);
    log.down = true;
    await expect(sequence.receive(event(13))).rejects.toThrow("no connection");
    expect(applied).toEqual([]);
    log.down = false;
    await sequence.catchUp();
    expect(applied).toEqual([11, 12, 13]);
  });

  it("starts anew when the server came back with another log", async () => {
    const { log, sequence, applied, refreshes } = await connectedAt10();
    log.events = [];
    log.add(1, 2);
    await sequence.catchUp();
    expect(refreshes()).toBe(2);
    log.add(3);
    await sequence.receive(event(3));
    expect(applied).toEqual([3]);
  });

  it("reads the log once for many messages", async () => {
    const { log, sequence } = await connectedAt10();
    log.add(11, 12);
    await Promise.all([sequence.receive(event(12)), sequence.catchUp(), sequence.catchUp()]);
    expect(log.reads).toEqual([10]);
  });
});
