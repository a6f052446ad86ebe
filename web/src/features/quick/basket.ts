import { useSyncExternalStore } from "react";
import { messageOf } from "../../api/error.ts";
import { type FileRef, sendFile } from "../../api/quick.ts";
import type { Upload } from "../../api/types.ts";

/** A file that the user chose and that is not queued yet. */
export interface Source {
  key: string;
  name: string;
  size: number;
  /** Whether it was sent before, and not by this page since it was opened. */
  wasFound?: boolean;
  state:
    | { kind: "waiting" }
    | { kind: "sending"; sent: number }
    /** The server has it. */
    | { kind: "ready"; file: FileRef }
    | { kind: "failed"; reason: string };
}

type Send = typeof sendFile;

/**
 * The files of the Quick Transcode page. They outlive the page, so that an upload goes on while the user looks at another
 * one; files of the user's own disk are sent one after the other.
 */
export class Basket {
  #sources: readonly Source[] = [];
  readonly #files = new Map<string, File>();
  readonly #stops = new Map<string, AbortController>();
  readonly #listeners = new Set<() => void>();
  readonly #send: Send;
  #next = 0;
  #isSending = false;

  constructor(send: Send = sendFile) {
    this.#send = send;
  }

  sources = (): readonly Source[] => this.#sources;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Adds a file that the server sees; one that is there already stays alone. */
  addLocal(path: string, size: number): void {
    const key = `path:${path}`;
    if (this.#sources.some(source => source.key === key)) return;
    const name = path.slice(path.lastIndexOf("/") + 1);
    this.#set([...this.#sources, { key, name, size, state: { kind: "ready", file: { file_path: path } } }]);
  }

  /** Adds files that were sent before and never queued. */
  addUploads(uploads: readonly Upload[]): void {
    const added = uploads.filter(upload => !this.#sources.some(source => idOf(source) === upload.id));
    if (added.length > 0)
      this.#set([...this.#sources, ...added.map(upload => ({ ...sourceOf(upload), wasFound: true }))]);
  }

  /** Sends files of the user's disk. */
  addFiles(files: readonly File[]): void {
    const added = files.map(file => {
      this.#next += 1;
      const key = `file:${this.#next}`;
      this.#files.set(key, file);
      return { key, name: file.name, size: file.size, state: { kind: "waiting" } } satisfies Source;
    });
    this.#set([...this.#sources, ...added]);
    void this.#sendWaiting();
  }

  /** Takes a file off the list; one that is being sent is not sent further. */
  remove(key: string): void {
    this.#stops.get(key)?.abort();
    this.#files.delete(key);
    this.#set(this.#sources.filter(source => source.key !== key));
  }

  async #sendWaiting(): Promise<void> {
    if (this.#isSending) return;
    this.#isSending = true;
    for (;;) {
      const next = this.#sources.find(source => source.state.kind === "waiting");
      if (!next) break;
      await this.#sendOne(next.key);
    }
    this.#isSending = false;
  }

  async #sendOne(key: string): Promise<void> {
    const file = this.#files.get(key);
    if (!file) return this.remove(key);
    const stop = new AbortController();
    this.#stops.set(key, stop);
    this.#change(key, { state: { kind: "sending", sent: 0 } });
    try {
      const onSent = (sent: number) => this.#change(key, { state: { kind: "sending", sent } });
      const upload = await this.#send(file, onSent, stop.signal);
      this.#change(key, { ...sourceOf(upload), key });
    } catch (error) {
      this.#change(key, { state: { kind: "failed", reason: messageOf(error) } });
    }
    this.#stops.delete(key);
    this.#files.delete(key);
  }

  #change(key: string, change: Partial<Source>): void {
    this.#set(this.#sources.map(source => (source.key === key ? { ...source, ...change } : source)));
  }

  #set(sources: readonly Source[]): void {
    this.#sources = sources;
    for (const listener of this.#listeners) listener();
  }
}

function sourceOf({ id, name, size }: Upload): Source {
  return { key: `upload:${id}`, name, size, state: { kind: "ready", file: { upload_id: id } } };
}

function idOf({ state }: Source): string | undefined {
  return state.kind === "ready" && "upload_id" in state.file ? state.file.upload_id : undefined;
}

/** The page's one basket. */
export const basket = new Basket();

/** What is in it, as it changes. */
export function useSources(): readonly Source[] {
  return useSyncExternalStore(basket.subscribe, basket.sources);
}
