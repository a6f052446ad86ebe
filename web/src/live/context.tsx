import { createContext, type ReactNode, useContext, useEffect } from "react";
import { type Live, useConnection } from "./live.ts";
import type { LiveEvent } from "./sequence.ts";
import type { Connection } from "./socket.ts";

const LiveContext = createContext<Live | null>(null);

/** Gives the page's live connection to everything in it. */
export function LiveProvider({ live, children }: { live: Live; children: ReactNode }) {
  return <LiveContext value={live}>{children}</LiveContext>;
}

/** The connection's state and a way to try again now. */
export function useLiveConnection(): { connection: Connection; retryNow: () => void } {
  const live = useLive();
  return { connection: useConnection(live), retryNow: live.retryNow };
}

/** Calls `listener` at each event of record. */
export function useLiveEvent(listener: (event: LiveEvent) => void): void {
  const live = useLive();
  useEffect(() => live.listen(listener), [live, listener]);
}

function useLive(): Live {
  const live = useContext(LiveContext);
  if (!live) throw new Error("the live connection is used outside of its provider");
  return live;
}
