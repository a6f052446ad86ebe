import { useSyncExternalStore } from "react";
import type { LiveEvent } from "./sequence.ts";

/** How far a running job is; missing parts are not known yet. */
export interface JobProgress {
  progress: number;
  fps?: number;
  speed?: number;
  eta_seconds?: number;
  stage?: string;
  stage_progress?: number;
}

/** How far a file is on its way to a server, or back. */
export interface Transfer {
  /** Only of a running job: a source that is sent ahead always goes up. */
  direction?: "upload" | "download";
  /** From where to where. */
  label: string;
  /** 0 to 100. */
  progress: number;
  /** As the API says it: `84.3 Mbps`. */
  speed: string;
  eta_seconds: number | null;
  bytes_transferred: number;
  total_bytes: number;
}

/** A running job, as the API told last how fast it is. */
interface Paced {
  id: number;
  current_fps: number | null;
}

/** How far a scan is. */
export interface ScanProgress {
  seen: number;
  probed: number;
  /** New or changed files that are still to be read. */
  to_probe: number;
}

/** Lines of a job's live log that are kept; the whole log is on disk. */
const LOG_LINES = 200;

/** What is shown while it happens and not kept: progress, transfers and log lines of jobs, progress of scans. */
export class ProgressStore {
  readonly #jobs = new Map<number, JobProgress>();
  readonly #transfers = new Map<number, Transfer>();
  readonly #preuploads = new Map<number, Transfer>();
  readonly #logs = new Map<number, readonly string[]>();
  readonly #scans = new Map<number, ScanProgress>();
  readonly #listeners = new Set<() => void>();

  /** Takes an event without a place in the log. */
  show(event: LiveEvent): void {
    const { data } = event;
    if (event.event === "job.progress") {
      this.#jobs.set(Number(data.job_id), data as unknown as JobProgress);
    } else if (event.event === "job.transfer_progress") {
      const transfer = data as unknown as Transfer;
      // The proof goes on when the whole result is here, without a word that it is.
      if (isThere(transfer)) this.#transfers.delete(Number(data.job_id));
      else this.#transfers.set(Number(data.job_id), transfer);
    } else if (event.event === "job.preupload_progress") {
      this.#preuploads.set(Number(data.job_id), data as unknown as Transfer);
    } else if (event.event === "job.preupload_completed") {
      this.#preuploads.delete(Number(data.job_id));
    } else if (event.event === "job.log") {
      const id = Number(data.job_id);
      this.#logs.set(id, [...(this.#logs.get(id) ?? []), String(data.message)].slice(-LOG_LINES));
    } else if (event.event === "scan.progress") {
      const id = Number(data.library_id);
      if (data.done === true) this.#scans.delete(id);
      else this.#scans.set(id, data as unknown as ScanProgress);
    } else {
      return;
    }
    this.#changed();
  }

  /** A job ended or took another step: what was shown is over. */
  forgetJob(id: number): void {
    const known = [this.#jobs, this.#transfers, this.#preuploads].map(shown => shown.delete(id));
    if (known.includes(true)) this.#changed();
  }

  forgetScan(libraryId: number): void {
    if (this.#scans.delete(libraryId)) this.#changed();
  }

  /** The connection was lost, so what is known may be old. */
  clear(): void {
    for (const known of [this.#jobs, this.#transfers, this.#preuploads, this.#scans]) known.clear();
    this.#changed();
  }

  job = (id: number): JobProgress | undefined => this.#jobs.get(id);
  transfer = (id: number): Transfer | undefined => this.#transfers.get(id);
  preupload = (id: number): Transfer | undefined => this.#preuploads.get(id);
  log = (id: number): readonly string[] | undefined => this.#logs.get(id);
  scan = (libraryId: number): ScanProgress | undefined => this.#scans.get(libraryId);

  /** Frames a second of jobs together. What is heard live knows them as they are: one that reads or proves has no pace. */
  fps = (jobs: readonly Paced[]): number =>
    jobs.reduce((sum, { id, current_fps }) => {
      const live = this.#jobs.get(id);
      return sum + ((live ? live.fps : current_fps) ?? 0);
    }, 0);

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** Whether a result was fetched as a whole. A source that was sent leaves with the step that it was for. */
function isThere({ direction, bytes_transferred, total_bytes }: Transfer): boolean {
  return direction === "download" && bytes_transferred >= total_bytes;
}

/** The page's one store. */
export const progress = new ProgressStore();

/** A running job's progress, live. */
export function useJobProgress(id: number): JobProgress | undefined {
  return useSyncExternalStore(progress.subscribe, () => progress.job(id));
}

/** How far a running job's file is on its way, live; undefined while none is, and when all of it is there. */
export function useTransfer(id: number): Transfer | undefined {
  return useSyncExternalStore(progress.subscribe, () => progress.transfer(id));
}

/** How far the source of a waiting job is that is sent ahead, live. */
export function usePreupload(id: number): Transfer | undefined {
  return useSyncExternalStore(progress.subscribe, () => progress.preupload(id));
}

/** Frames a second of jobs together, live. */
export function useFps(jobs: readonly Paced[]): number {
  return useSyncExternalStore(progress.subscribe, () => progress.fps(jobs));
}

/** The last lines of a running job's log, live. */
export function useJobLog(id: number): readonly string[] | undefined {
  return useSyncExternalStore(progress.subscribe, () => progress.log(id));
}

/** A running scan's progress, live. */
export function useScanProgress(libraryId: number): ScanProgress | undefined {
  return useSyncExternalStore(progress.subscribe, () => progress.scan(libraryId));
}
