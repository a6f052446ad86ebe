import type { QueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { apiError } from "../api/error.ts";
import { forgetSession, goToLogin, session } from "../api/session.ts";
import { endProgress, staleAfter, staleAfterShown } from "./effects.ts";
import { progress } from "./progress.ts";
import { type EventPage, type LiveEvent, Sequence } from "./sequence.ts";
import { servers } from "./servers.ts";
import { type Connection, LiveSocket } from "./socket.ts";
import { StaleKeys } from "./stale.ts";

/** Events read at once when catching up. */
const PAGE = 500;

type Listener = (event: LiveEvent) => void;

/** The page's one live connection, for as long as the page is there: keeps the queries' answers as new as the server's state. */
export class Live {
  #connection: Connection = { state: "connecting" };
  readonly #watchers = new Set<() => void>();
  readonly #listeners = new Set<Listener>();
  readonly #socket: LiveSocket;
  readonly #sequence: Sequence;

  constructor(queries: QueryClient) {
    const stale = new StaleKeys(queries);
    this.#sequence = new Sequence({
      apply: event => {
        endProgress(event, progress, servers);
        stale.add(staleAfter(event));
        for (const listener of this.#listeners) listener(event);
      },
      show: event => {
        progress.show(event);
        servers.show(event);
        const keys = staleAfterShown(event);
        if (keys.length > 0) stale.add(keys);
      },
      read,
      refresh: () => void queries.invalidateQueries(),
    });
    this.#socket = new LiveSocket({
      url: `${window.location.protocol === "https:" ? "wss" : "ws"}://${window.location.host}/ws`,
      opened: () => this.#sequence.catchUp(),
      message: async text => this.#sequence.receive(JSON.parse(text) as LiveEvent),
      changed: connection => this.#changed(connection),
    });
    window.addEventListener("online", this.#socket.retryNow);
  }

  get connection(): Connection {
    return this.#connection;
  }

  retryNow = (): void => this.#socket.retryNow();

  /** Calls back at each event of record, for what is more than reading answers again. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  watch = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };

  #changed(connection: Connection): void {
    this.#connection = connection;
    if (connection.state === "waiting") {
      progress.clear();
      servers.clear();
      forgetSession();
      void leaveIfLoggedOut();
    }
    for (const watcher of this.#watchers) watcher();
  }
}

/** A refused socket looks like a lost one; only the session tells whether a login would help. */
async function leaveIfLoggedOut(): Promise<void> {
  try {
    const { password_set, authenticated } = await session();
    if (password_set && !authenticated) goToLogin();
  } catch {
    // Nothing answers: the socket goes on trying.
  }
}

async function read(after: number): Promise<EventPage> {
  const response = await fetch(`/api/events?after=${after}&limit=${PAGE}`);
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok) throw apiError(response.status, body);
  return body as EventPage;
}

/** Where the connection stands, live. */
export function useConnection(live: Live): Connection {
  return useSyncExternalStore(live.watch, () => live.connection);
}
