/** Where the connection stands; `since` is when it was lost, in milliseconds of the epoch. */
export type Connection =
  | { state: "connecting" }
  | { state: "open" }
  | { state: "waiting"; retryAt: number; since: number };

export interface SocketOptions {
  url: string;
  /** A socket is open: catch up. When this rejects, the socket is closed and tried again. */
  opened: () => Promise<void>;
  message: (text: string) => Promise<void>;
  changed: (connection: Connection) => void;
}

/** The first wait after a lost connection, doubled up to the last. */
const FIRST_WAIT_MS = 500;
const LAST_WAIT_MS = 10_000;
/** A silent connection is asked for a sign of life, and given up when none comes. */
const PING_EVERY_MS = 20_000;
const PONG_WITHIN_MS = 10_000;

/** Keeps one WebSocket open: connects, watches that it lives, and connects again with growing waits. */
export class LiveSocket {
  #socket: WebSocket | null = null;
  #failures = 0;
  #lostAt: number | null = null;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #watch: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;
  readonly #options: SocketOptions;

  constructor(options: SocketOptions) {
    this.#options = options;
    this.#connect();
  }

  /** Tries now instead of at the end of the wait: the network is back, or the user asked. */
  retryNow = (): void => {
    if (this.#stopped || this.#socket) return;
    clearTimeout(this.#retry);
    this.#connect();
  };

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#retry);
    clearTimeout(this.#watch);
    this.#socket?.close();
    this.#socket = null;
  }

  #connect(): void {
    if (this.#lostAt === null) this.#options.changed({ state: "connecting" });
    const socket = new WebSocket(this.#options.url);
    this.#socket = socket;
    const current = () => this.#socket === socket;
    socket.onopen = () => {
      this.#expectLife(socket);
      this.#options.opened().then(
        () => current() && this.#settle(),
        () => current() && this.#lost(socket),
      );
    };
    socket.onmessage = message => {
      if (!current()) return;
      this.#expectLife(socket);
      this.#options.message(String(message.data)).catch(() => current() && this.#lost(socket));
    };
    socket.onclose = () => current() && this.#lost(socket);
  }

  #settle(): void {
    this.#failures = 0;
    this.#lostAt = null;
    this.#options.changed({ state: "open" });
  }

  #lost(socket: WebSocket): void {
    this.#socket = null;
    clearTimeout(this.#watch);
    socket.close();
    if (this.#stopped) return;
    const wait = Math.min(FIRST_WAIT_MS * 2 ** this.#failures, LAST_WAIT_MS);
    this.#failures += 1;
    this.#lostAt ??= Date.now();
    this.#options.changed({ state: "waiting", retryAt: Date.now() + wait, since: this.#lostAt });
    this.#retry = setTimeout(() => this.#connect(), wait);
  }

  /** Anything received counts as life; without it the server is pinged, then the connection given up. */
  #expectLife(socket: WebSocket): void {
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => {
      socket.send(JSON.stringify({ action: "ping" }));
      this.#watch = setTimeout(() => this.#lost(socket), PONG_WITHIN_MS);
    }, PING_EVERY_MS);
  }
}
