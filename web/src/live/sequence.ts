/** What every message of /ws and every entry of GET /api/events looks like. */
export interface LiveEvent {
  event: string;
  timestamp: string;
  /** The place in the event log; null for what is only shown and not kept, such as progress. */
  seq: number | null;
  data: Record<string, unknown>;
}

/** A page of the event log. */
export interface EventPage {
  events: LiveEvent[];
  /** The newest event of the log. */
  last_seq: number;
  has_more: boolean;
}

export interface SequenceOptions {
  /** Events of record, each exactly once and in order. */
  apply: (event: LiveEvent) => void;
  /** Events without a place in the log, as they come. */
  show: (event: LiveEvent) => void;
  /** Reads the log after a place. */
  read: (after: number) => Promise<EventPage>;
  /** What the page holds may be older than the log says: read everything again. */
  refresh: () => void;
}

/**
 * Puts the live events in order: an event that came twice is dropped, and a gap is filled from the event log before
 * anything after it is applied. Rejects only with what `read` rejected with; what had come stays kept for the next try.
 */
export class Sequence {
  /** The last applied event; null until the first one is known. */
  #last: number | null = null;
  /** Came ahead of their turn, by place. */
  readonly #early = new Map<number, LiveEvent>();
  #filling: Promise<void> | null = null;
  readonly #options: SequenceOptions;

  constructor(options: SequenceOptions) {
    this.#options = options;
  }

  get last(): number | null {
    return this.#last;
  }

  /** Takes one message of the socket. */
  async receive(event: LiveEvent): Promise<void> {
    if (event.seq === null) {
      this.#options.show(event);
      return;
    }
    this.#early.set(event.seq, event);
    // While the log is read, its answer decides what comes first.
    if (this.#filling) return this.#filling;
    this.#drain();
    if (this.#early.size > 0) await this.catchUp();
  }

  /**
   * Called when a socket has been opened: reads what happened since the last event. Without one, the page reads
   * everything again and goes on from the log's end.
   */
  catchUp(): Promise<void> {
    this.#filling ??= this.#fill().finally(() => {
      this.#filling = null;
    });
    return this.#filling;
  }

  async #fill(): Promise<void> {
    if (this.#last === null) await this.#start();
    let more = true;
    while (more) {
      const after: number = this.#last ?? 0;
      const page = await this.#options.read(after);
      if (page.last_seq < after) {
        // Another log, such as that of a restored database: nothing that the page knows can be trusted.
        this.#early.clear();
        this.#last = page.last_seq;
        this.#options.refresh();
        return;
      }
      for (const event of page.events) this.#applyOnce(event);
      this.#drain();
      // The log may have grown while it was read; what came meanwhile and is not next is in its next page.
      more = (page.has_more && page.events.length > 0) || this.#early.size > 0;
      if (page.events.length === 0 && this.#early.size > 0) this.#skipHole();
    }
  }

  /** Goes on from the end of the log as it is now; what happened before is read with the pages' own data. */
  async #start(): Promise<void> {
    const page = await this.#options.read(Number.MAX_SAFE_INTEGER);
    this.#last = page.last_seq;
    this.#drain();
    this.#options.refresh();
  }

  /** The log itself has nothing at the missing places, so they will never come. */
  #skipHole(): void {
    const next = Math.min(...this.#early.keys());
    this.#last = next - 1;
    this.#drain();
  }

  /** Applies what is next in line, and forgets what was applied already. */
  #drain(): void {
    if (this.#last === null) return;
    for (const seq of [...this.#early.keys()].sort((a, b) => a - b)) {
      const event = this.#early.get(seq);
      if (!event || seq > this.#last + 1) break;
      this.#early.delete(seq);
      this.#applyOnce(event);
    }
  }

  #applyOnce(event: LiveEvent): void {
    if (event.seq === null || (this.#last !== null && event.seq <= this.#last)) return;
    this.#last = event.seq;
    this.#options.apply(event);
  }
}
