import type { QueryClient, QueryKey } from "@tanstack/react-query";

/** Between two rounds of reading again, so that a thousand events do not become a thousand requests. */
const PAUSE_MS = 300;

/**
 * Collects what became stale and has it read again: at once the first time, then in rounds. A round starts when the one
 * before has ended, so that a storm of events neither floods the server nor cancels the same answer for ever.
 */
export class StaleKeys {
  readonly #keys = new Map<string, QueryKey>();
  #running = false;
  readonly #queries: Pick<QueryClient, "invalidateQueries">;
  readonly #pauseMs: number;

  constructor(queries: Pick<QueryClient, "invalidateQueries">, pauseMs = PAUSE_MS) {
    this.#queries = queries;
    this.#pauseMs = pauseMs;
  }

  add(keys: readonly QueryKey[]): void {
    for (const key of keys) this.#keys.set(JSON.stringify(key), key);
    if (!this.#running) void this.#run();
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#keys.size > 0) {
      const round = [...this.#keys.values()];
      this.#keys.clear();
      await Promise.all(round.map(queryKey => this.#queries.invalidateQueries({ queryKey })));
      await new Promise(resolve => setTimeout(resolve, this.#pauseMs));
    }
    this.#running = false;
  }
}
