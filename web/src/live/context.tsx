import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { Live, useConnection } from "./live.ts";
import type { LiveEvent } from "./sequence.ts";
import type { Connection } from "./socket.ts";

const LiveContext = createContext<Live | null>(null);

/** Opens the live connection for as long as the app is on the page. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const [live, setLive] = useState<Live | null>(null);
  useEffect(() => {
    const opened = new Live(queries);
    setLive(opened);
    return () => opened.stop();
  }, [queries]);
  return live && <LiveContext value={live}>{children}</LiveContext>;
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
