import type { Server } from "../../api/types.ts";
import { isHeard, isInTrouble, isSetAside, isStorage, stateOf } from "./status.ts";

/** Servers all together. */
export interface Fleet {
  /** That answer, and are not set aside. */
  online: number;
  /** That answer, and get no jobs for a while. */
  aside: number;
  off: number;
  /** Jobs that run, and how many could at a time on servers that may have some. */
  running: number;
  slots: number;
  /** Jobs that wait and have their server already. */
  next: number;
  troubled: readonly Server[];
}

/** What the servers come to. */
export function fleetOf(servers: readonly Server[], now = Date.now()): Fleet {
  const sum = (of: readonly Server[], field: "active_jobs" | "queued_jobs" | "max_concurrent_jobs") =>
    of.reduce((total, server) => total + server[field], 0);
  const heard = servers.filter(isHeard);
  const aside = heard.filter(server => isSetAside(server, now)).length;
  return {
    online: heard.length - aside,
    aside,
    off: servers.filter(server => !server.is_enabled).length,
    running: sum(servers, "active_jobs"),
    slots: sum(
      heard.filter(server => !isStorage(server) && !isSetAside(server, now)),
      "max_concurrent_jobs",
    ),
    next: sum(servers, "queued_jobs"),
    troubled: servers.filter(server => isInTrouble(server, now)),
  };
}

/**
 * The order in which servers are read: those that need somebody, then those that work or could, then those that are
 * switched off; this machine before the others. Whether one has a job just now changes nothing, so that cards stay in place.
 */
export function inReadingOrder(servers: readonly Server[], now = Date.now()): Server[] {
  const rank = (server: Server) => (server.is_enabled ? (isInTrouble(server, now) ? 0 : 1) : 2);
  const byName = new Intl.Collator(undefined, { numeric: true });
  return [...servers].sort(
    (a, b) => rank(a) - rank(b) || Number(b.is_local) - Number(a.is_local) || byName.compare(a.name, b.name),
  );
}

/** Why a server cannot be measured now; undefined for one that can. */
export function whyNotMeasured(server: Server): string | undefined {
  if (isStorage(server)) return "only has libraries";
  return isHeard(server) ? undefined : stateOf(server).word.toLowerCase();
}
