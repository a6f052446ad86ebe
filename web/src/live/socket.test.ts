import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Connection, LiveSocket } from "./socket.ts";

/** A WebSocket whose other end is the test. */
class FakeSocket {
  static all: FakeSocket[] = [];
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;
  readonly sent: string[] = [];
  closed = false;

  constructor() {
    FakeSocket.all.push(this);
  }

  send(text: string): void {
    this.sent.push(text);
  }

  close(): void {
    this.closed = true;
  }

  static get newest(): FakeSocket {
    const socket = FakeSocket.all.at(-1);
    if (!socket) throw new Error("no socket was opened");
    return socket;
  }
}

beforeEach(() => {
  FakeSocket.all = [];
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", FakeSocket);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function setUp(opened: () => Promise<void> = async () => {}) {
  const states: Connection["state"][] = [];
  const messages: string[] = [];
  const socket = new LiveSocket({
    url: "ws://localhost/ws",
    opened,
    message: async text => {
      messages.push(text);
    },
    changed: connection => states.push(connection.state),
  });
  return { socket, states, messages };
}

async function open(): Promise<void> {
  FakeSocket.newest.onopen?.();
  await vi.advanceTimersByTimeAsync(0);
}

describe("the connection", () => {
  it("is open only when the page has caught up", async () => {
    let caughtUp = () => {};
    const { states } = setUp(
      () =>
        new Promise(resolve => {
          caughtUp = resolve;
        }),
    );
    await open();
    expect(states).toEqual(["connecting"]);
    caughtUp();
    await vi.advanceTimersByTimeAsync(0);
    expect(states).toEqual(["connecting", "open"]);
  });

  it("comes back by itself, with longer and longer waits", async () => {
    const { states } = setUp();
    await open();
    FakeSocket.newest.onclose?.();
    expect(states.at(-1)).toBe("waiting");
    await vi.advanceTimersByTimeAsync(500);
    expect(FakeSocket.all).toHaveLength(2);
    FakeSocket.newest.onclose?.();
    await vi.advanceTimersByTimeAsync(999);
    expect(FakeSocket.all).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(FakeSocket.all).toHaveLength(3);
    await open();
    expect(states.at(-1)).toBe("open");
  });

  it("is tried again when catching up failed", async () => {
    let failures = 1;
    const { states } = setUp(async () => {
      failures -= 1;
      if (failures >= 0) throw new Error("the server is starting");
    });
    await open();
    expect(FakeSocket.newest.closed).toBe(true);
    expect(states.at(-1)).toBe("waiting");
    await vi.advanceTimersByTimeAsync(500);
    await open();
    expect(states.at(-1)).toBe("open");
  });

  it("that falls silent is asked for a sign of life, then given up", async () => {
    const { states } = setUp();
    await open();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(FakeSocket.newest.sent).toEqual(['{"action":"ping"}']);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(states.at(-1)).toBe("waiting");
  });

  it("lives on with every message", async () => {
    const { states, messages } = setUp();
    await open();
    await vi.advanceTimersByTimeAsync(19_000);
    FakeSocket.newest.onmessage?.({ data: "pong" });
    await vi.advanceTimersByTimeAsync(19_000);
    expect(FakeSocket.newest.sent).toEqual([]);
    expect(messages).toEqual(["pong"]);
    expect(states.at(-1)).toBe("open");
  });

  it("takes nothing from a socket that was given up", async () => {
    const { messages } = setUp();
    await open();
    const old = FakeSocket.newest;
    old.onclose?.();
    await vi.advanceTimersByTimeAsync(500);
    old.onmessage?.({ data: "late" });
    expect(messages).toEqual([]);
  });

  it("is tried at once when the network is back", async () => {
    const { socket } = setUp();
    await open();
    FakeSocket.newest.onclose?.();
    socket.retryNow();
    expect(FakeSocket.all).toHaveLength(2);
    socket.retryNow();
    expect(FakeSocket.all).toHaveLength(2);
  });

  it("ends for good when the page does", async () => {
    const { socket } = setUp();
    await open();
    socket.stop();
    FakeSocket.newest.onclose?.();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(FakeSocket.all).toHaveLength(1);
  });
});
