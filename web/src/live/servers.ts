import { useSyncExternalStore } from "react";
import type { LiveEvent } from "./sequence.ts";

/** How a server feels; what could not be read is null or missing. */
export interface ServerMetrics {
  cpu_percent?: number | null;
  ram_used_gb?: number | null;
  ram_total_gb?: number | null;
  disk_free_gb?: number | null;
  disk_total_gb?: number | null;
  cpu_temp?: number | null;
  gpu_percent?: number | null;
  gpu_temp?: number | null;
  fan_speed?: number | null;
}

/** How far something is that is done with a server, and what it does. */
export interface ServerStep {
  step: string;
  progress: number;
}

/** Lines of a setup that are kept; the whole log is on disk. */
const LOG_LINES = 500;

const NO_LINES: readonly string[] = [];

/** What is shown of servers while it happens and not kept: how they feel, and how far a benchmark or a setup is. */
export class ServerStore {
  readonly #metrics = new Map<number, ServerMetrics>();
  readonly #benchmarks = new Map<number, ServerStep>();
  readonly #setups = new Map<number, ServerStep>();
  readonly #lines = new Map<number, readonly string[]>();
  readonly #listeners = new Set<() => void>();

  /** Takes an event without a place in the log. */
  show({ event, data }: LiveEvent): void {
    const id = Number(data.server_id);
    if (event === "server.metrics") {
      this.#metrics.set(id, data as ServerMetrics);
    } else if (event === "benchmark.progress") {
      this.#benchmarks.set(id, stepOf(data));
    } else if (event === "provision.progress") {
      this.#setups.set(id, stepOf(data));
      this.#lines.set(id, [...this.lines(id), String(data.message)].slice(-LOG_LINES));
    } else {
      return;
    }
    this.#changed();
  }

  /** Ends what an event of record makes wrong. */
  end({ event, data }: LiveEvent): void {
    const id = Number(data.server_id);
    const ended = /^(benchmark|provision)\.(completed|failed)$/.exec(event)?.[1];
    if (ended === "benchmark") this.#benchmarks.delete(id);
    else if (ended === "provision") {
      this.#setups.delete(id);
      // The log as a whole is read then.
      this.#lines.delete(id);
    } else if (event === "server.offline") this.#metrics.delete(id);
    else return;
    this.#changed();
  }

  /** The connection was lost, so what is known may be old. */
  clear(): void {
    for (const known of [this.#metrics, this.#benchmarks, this.#setups, this.#lines]) known.clear();
    this.#changed();
  }

  metrics = (id: number): ServerMetrics | undefined => this.#metrics.get(id);
  benchmark = (id: number): ServerStep | undefined => this.#benchmarks.get(id);
  setup = (id: number): ServerStep | undefined => this.#setups.get(id);
  lines = (id: number): readonly string[] => this.#lines.get(id) ?? NO_LINES;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

function stepOf(data: Record<string, unknown>): ServerStep {
  return { step: String(data.step), progress: Number(data.progress) };
}

/** The page's one store. */
export const servers = new ServerStore();

/** How a server feels, live. */
export function useServerMetrics(id: number): ServerMetrics | undefined {
  return useSyncExternalStore(servers.subscribe, () => servers.metrics(id));
}

/** How far a server's benchmark is, live; undefined while there is none. */
export function useBenchmark(id: number): ServerStep | undefined {
  return useSyncExternalStore(servers.subscribe, () => servers.benchmark(id));
}

/** How far a server's setup is, live; undefined while there is none. */
export function useSetup(id: number): ServerStep | undefined {
  return useSyncExternalStore(servers.subscribe, () => servers.setup(id));
}

/** What a server's setup said since the page listens. */
export function useSetupLines(id: number): readonly string[] {
  return useSyncExternalStore(servers.subscribe, () => servers.lines(id));
}
