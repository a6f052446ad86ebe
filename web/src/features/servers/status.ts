import type { Server } from "../../api/types.ts";
import { ago, memory } from "../../ui/format.ts";

/** A word and its colour. */
interface Said {
  word: string;
  color: string;
}

const STATUSES: Record<string, Said> = {
  pending: { word: "Not reached yet", color: "yellow" },
  offline: { word: "Offline", color: "red" },
  provisioning: { word: "Being set up", color: "accent" },
  setup_failed: { word: "Setup failed", color: "red" },
};

/** What only the user can mend, by the API's names: it is not tried again until then, or seldom. */
const PROBLEMS: Record<string, string> = {
  host_key_changed: "Another host key",
  login_refused: "Not let in",
  key_unusable: "Not let in",
  secret_lost: "Not let in",
};

/** What of a server tells how it stands. */
type Standing = Pick<Server, "status" | "is_enabled" | "set_aside_until" | "active_jobs" | "problem">;

/** How a server stands: what keeps it from work goes before whether it answers, and that before what it does. */
export function stateOf(server: Standing, now = Date.now()): Said {
  if (!server.is_enabled) return { word: server.active_jobs > 0 ? "Finishing" : "Switched off", color: "gray" };
  if (isSetAside(server, now)) return { word: "Set aside", color: "orange" };
  const problem = server.problem == null ? undefined : PROBLEMS[server.problem];
  if (problem) return { word: problem, color: "red" };
  if (server.status !== "online") return STATUSES[server.status] ?? { word: server.status, color: "gray" };
  if (isSilent(server)) return { word: "No answer", color: "orange" };
  return server.active_jobs > 0 ? { word: "Working", color: "accent" } : { word: "Online", color: "teal" };
}

/** Whether the last question to a server had no answer, so that what was heard of it is old. */
export function isSilent({ status, problem }: Pick<Server, "status" | "problem">): boolean {
  return status === "offline" || problem != null;
}

/** Whether a server answers, and is asked how it is: one that is switched off is not. */
export function isHeard(server: Pick<Server, "is_enabled" | "status" | "problem">): boolean {
  return server.is_enabled && server.status === "online" && !isSilent(server);
}

/** Whether a server only has libraries: it gets no jobs, and nothing has to be brought there. */
export function isStorage({ role }: Pick<Server, "role">): boolean {
  return role === "storage";
}

/** Whether it failed so often that it gets no jobs for a while. */
export function isSetAside({ set_aside_until }: Pick<Server, "set_aside_until">, now = Date.now()): boolean {
  return set_aside_until != null && Date.parse(set_aside_until) > now;
}

/** Why a server gets no jobs, in a sentence; undefined while nothing is to be said. */
export function troubleOf(
  server: Pick<Server, "status_reason" | "is_enabled" | "set_aside_until" | "consecutive_failures">,
  now = Date.now(),
): string | undefined {
  if (!server.is_enabled) return undefined;
  if (!isSetAside(server, now)) return server.status_reason ?? undefined;
  // What is known of it by now may be that it answers again.
  const reason =
    server.status_reason ?? `it failed ${server.consecutive_failures} times in a row; its jobs say at what`;
  return `Gets no jobs for now, and is tried again ${ago(server.set_aside_until ?? "", now)}: ${reason}`;
}

/** Whether a server that should work does not, so that somebody has to see to it, or it has to come back by itself. */
export function isInTrouble(
  server: Standing & Pick<Server, "status_reason" | "consecutive_failures">,
  now = Date.now(),
): boolean {
  if (!server.is_enabled || server.status === "provisioning") return false;
  return ["offline", "setup_failed"].includes(server.status) || troubleOf(server, now) !== undefined;
}

/** Whether it is still being found out what encodes on a server that answers. */
export function isLookedAt(
  server: Pick<Server, "status" | "status_reason" | "problem" | "is_enabled" | "role" | "is_local" | "ffmpeg_version">,
): boolean {
  return isHeard(server) && lacksFfmpeg(server) && server.status_reason === null;
}

/** Whether no ffmpeg is known that could be used on a server that needs one. */
export function lacksFfmpeg(server: Pick<Server, "role" | "is_local" | "ffmpeg_version">): boolean {
  return !server.is_local && !isStorage(server) && server.ffmpeg_version === null;
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
    server.ram_gb ? `${memory(server.ram_gb)} of RAM` : null,
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
