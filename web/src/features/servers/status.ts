import type { Server } from "../../api/types.ts";
import { ago } from "../../ui/format.ts";

/** A word and its colour. */
interface Said {
  word: string;
  color: string;
}

const STATUSES: Record<string, Said> = {
  pending: { word: "Not reached yet", color: "gray" },
  online: { word: "Online", color: "teal" },
  offline: { word: "Offline", color: "red" },
  provisioning: { word: "Being set up", color: "accent" },
  setup_failed: { word: "Setup failed", color: "red" },
};

/** How a server stands: what keeps it from work goes before whether it answers. */
export function stateOf(server: Pick<Server, "status" | "is_enabled" | "set_aside_until">, now = Date.now()): Said {
  if (!server.is_enabled) return { word: "Switched off", color: "gray" };
  if (isSetAside(server, now)) return { word: "Set aside", color: "orange" };
  return STATUSES[server.status] ?? { word: server.status, color: "gray" };
}

/** Whether it failed so often that it gets no jobs for a while. */
export function isSetAside({ set_aside_until }: Pick<Server, "set_aside_until">, now = Date.now()): boolean {
  return set_aside_until != null && Date.parse(set_aside_until) > now;
}

/** Why a server gets no jobs, in a sentence; undefined while nothing is to be said. */
export function troubleOf(
  server: Pick<Server, "status" | "status_reason" | "is_enabled" | "set_aside_until">,
  now = Date.now(),
): string | undefined {
  const reason = server.status_reason ?? undefined;
  if (!server.is_enabled) return undefined;
  if (isSetAside(server, now)) {
    const until = `Gets no jobs for now; tried again ${ago(server.set_aside_until ?? "", now)}`;
    return reason ? `${until}. ${reason}` : until;
  }
  return server.status === "online" ? undefined : reason;
}

/** The colour of a performance score: from 75 on good, from 40 on fair. */
export function scoreColor(score: number): string {
  if (score >= 75) return "teal";
  return score >= 40 ? "yellow" : "gray";
}

/** What a server is, in a few words, as far as it told. */
export function factsOf(
  server: Pick<Server, "cpu_model" | "cpu_cores" | "ram_gb" | "gpu_model" | "os" | "arch">,
): string[] {
  const cpu = [server.cpu_model && shortCpu(server.cpu_model), server.cpu_cores && `${server.cpu_cores} threads`];
  return [
    cpu.filter(Boolean).join(", "),
    server.ram_gb ? `${Math.round(server.ram_gb)} GB of RAM` : null,
    server.gpu_model,
    [server.os, server.arch].filter(Boolean).join(", "),
  ].filter(fact => typeof fact === "string" && fact !== "") as string[];
}

/** A processor without what its maker says of all of them: `Intel Core i5-6500`. */
export function shortCpu(model: string): string {
  return model
    .replace(/\((?:R|TM)\)/g, "")
    .replace(/ (?:CPU )?@ .*$| (?:\d+-Core )?Processor$/, "")
    .replace(/\s+/g, " ")
    .trim();
}

/** A rate over the network: `940 Mbit/s`, `2.4 Gbit/s`. */
export function rate(mbps: number): string {
  if (mbps >= 1000) return `${(mbps / 1000).toFixed(1)} Gbit/s`;
  return `${mbps < 10 ? mbps.toFixed(1) : Math.round(mbps)} Mbit/s`;
}
