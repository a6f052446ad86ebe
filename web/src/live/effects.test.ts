import { describe, expect, it } from "vitest";
import { keys } from "../api/keys.ts";
import { endProgress, staleAfter, staleAfterShown } from "./effects.ts";
import { ProgressStore } from "./progress.ts";
import type { LiveEvent } from "./sequence.ts";
import { ServerStore } from "./servers.ts";

function event(name: string, data: Record<string, unknown> = {}): LiveEvent {
  return { event: name, timestamp: "2026-11-22T12:00:00Z", seq: 1, data };
}

describe("an event makes stale", () => {
  it.each([
    ["job.created", { job_id: 7 }, [keys.queue, keys.job(7)]],
    ["job.completed", { job_id: 7 }, [keys.queue, keys.job(7), keys.library, keys.quarantine, keys.recommendations]],
    ["quarantine.changed", {}, [keys.quarantine, keys.library, keys.queue]],
    ["sync.completed", {}, [keys.library, keys.libraries, keys.tasks]],
    ["analysis.completed", {}, [keys.recommendations, keys.tasks]],
    ["server.status", { server_id: 2 }, [keys.servers, keys.queue]],
    ["benchmark.completed", { server_id: 2 }, [keys.servers]],
    ["provision.failed", { server_id: 2 }, [keys.servers]],
    ["preset.changed", {}, [keys.presets]],
    ["setting.changed", {}, [keys.settings]],
  ])("%s", (name, data, expected) => {
    const stale = staleAfter(event(name, data));
    for (const key of expected) expect(stale).toContainEqual(key);
  });

  it("always the event log itself, even one of a later version", () => {
    expect(staleAfter(event("cloud.deployed"))).toEqual([keys.events]);
  });

  it("the libraries when a scan was stopped, which is no event of record", () => {
    expect(staleAfterShown(event("scan.progress", { library_id: 1, done: true }))).toContainEqual(keys.libraries);
    expect(staleAfterShown(event("scan.progress", { library_id: 1, done: false }))).toEqual([]);
  });
});

describe("progress", () => {
  it("ends with the job's next step, and other jobs go on", () => {
    const progress = new ProgressStore();
    // What is heard live goes before what was read.
    const jobs = [
      { id: 1, current_fps: 3 },
      { id: 2, current_fps: 99 },
    ];
    progress.show(event("job.progress", { job_id: 1, progress: 50, fps: 20 }));
    progress.show(event("job.progress", { job_id: 2, progress: 10, fps: 5 }));
    expect(progress.fps(jobs)).toBe(25);
    endProgress(event("job.status_changed", { job_id: 1, status: "verifying" }), progress, new ServerStore());
    expect(progress.job(1)).toBeUndefined();
    expect(progress.job(2)?.progress).toBe(10);
    expect(progress.fps(jobs)).toBe(8);
  });

  it("of a transfer ends with the step that it was for, and a source that is sent ahead is there when it is", () => {
    const progress = new ProgressStore();
    progress.show(event("job.transfer_progress", { job_id: 1, direction: "upload", progress: 43 }));
    progress.show(event("job.preupload_progress", { job_id: 2, progress: 12 }));
    expect([progress.transfer(1)?.progress, progress.preupload(2)?.progress]).toEqual([43, 12]);
    endProgress(event("job.status_changed", { job_id: 1, status: "transcoding" }), progress, new ServerStore());
    expect(progress.transfer(1)).toBeUndefined();
    progress.show(event("job.preupload_completed", { job_id: 2 }));
    expect(progress.preupload(2)).toBeUndefined();
  });

  it("of a result that is fetched ends when all of it is here, of which no event tells", () => {
    const progress = new ProgressStore();
    const fetched = (bytes: number) =>
      event("job.transfer_progress", { job_id: 1, direction: "download", bytes_transferred: bytes, total_bytes: 71 });
    progress.show(fetched(70));
    expect(progress.transfer(1)?.bytes_transferred).toBe(70);
    progress.show(fetched(71));
    expect(progress.transfer(1)).toBeUndefined();
  });

  it("of a scan ends when it is done", () => {
    const progress = new ProgressStore();
    progress.show(event("scan.progress", { library_id: 1, seen: 10, probed: 2, to_probe: 8, done: false }));
    expect(progress.scan(1)?.seen).toBe(10);
    progress.show(event("scan.progress", { library_id: 1, seen: 10, probed: 8, to_probe: 8, done: true }));
    expect(progress.scan(1)).toBeUndefined();
  });

  it("keeps the end of a long log", () => {
    const progress = new ProgressStore();
    for (let line = 0; line < 500; line += 1) progress.show(event("job.log", { job_id: 1, message: `line ${line}` }));
    expect(progress.log(1)).toHaveLength(200);
    expect(progress.log(1)?.at(-1)).toBe("line 499");
  });

  it("tells its listeners, and only of what it knows", () => {
    const progress = new ProgressStore();
    let told = 0;
    progress.subscribe(() => {
      told += 1;
    });
    progress.show(event("server.metrics", {}));
    expect(told).toBe(0);
    progress.show(event("job.progress", { job_id: 1, progress: 1 }));
    expect(told).toBe(1);
  });
});
