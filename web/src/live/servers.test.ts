import { describe, expect, it } from "vitest";
import type { LiveEvent } from "./sequence.ts";
import { ServerStore } from "./servers.ts";

function event(name: string, data: Record<string, unknown>): LiveEvent {
  return { event: name, timestamp: "2026-11-23T12:00:00Z", seq: null, data };
}

describe("what is shown of servers", () => {
  it("is how each feels, until it is gone", () => {
    const servers = new ServerStore();
    servers.show(event("server.metrics", { server_id: 1, cpu_percent: 12 }));
    servers.show(event("server.metrics", { server_id: 2, cpu_percent: 80 }));
    expect(servers.metrics(2)?.cpu_percent).toBe(80);
    servers.end(event("server.offline", { server_id: 2, name: "attic", reason: "silent" }));
    expect(servers.metrics(2)).toBeUndefined();
    expect(servers.metrics(1)?.cpu_percent).toBe(12);
  });

  it("is how far a setup is and all that it said, until it has ended", () => {
    const servers = new ServerStore();
    servers.show(event("provision.progress", { server_id: 3, step: "detect_distro", progress: 5, message: "Debian" }));
    servers.show(event("provision.progress", { server_id: 3, step: "check_sudo", progress: 10, message: "root" }));
    expect(servers.setup(3)).toEqual({ step: "check_sudo", progress: 10 });
    expect(servers.lines(3)).toEqual(["Debian", "root"]);
    servers.end(event("provision.failed", { server_id: 3, error: "no space" }));
    expect(servers.setup(3)).toBeUndefined();
    expect(servers.lines(3)).toEqual([]);
  });

  it("is how far a benchmark is, and a setup does not end it", () => {
    const servers = new ServerStore();
    servers.show(event("benchmark.progress", { server_id: 3, benchmark_id: 1, step: "uploading", progress: 40 }));
    servers.end(event("provision.completed", { server_id: 3 }));
    expect(servers.benchmark(3)?.progress).toBe(40);
    servers.end(event("benchmark.completed", { server_id: 3, benchmark_id: 1 }));
    expect(servers.benchmark(3)).toBeUndefined();
  });

  it("is told to who watches, and other events are no news", () => {
    const servers = new ServerStore();
    let news = 0;
    servers.subscribe(() => {
      news += 1;
    });
    servers.show(event("server.metrics", { server_id: 1 }));
    servers.show(event("job.progress", { job_id: 1 }));
    servers.end(event("job.completed", { job_id: 1 }));
    expect(news).toBe(1);
  });
});
