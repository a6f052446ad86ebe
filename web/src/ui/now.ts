import { useEffect, useState } from "react";

/** The clock in milliseconds; it goes on by a second at a time while something is shown that grows with it. */
export function useNow(isGoing: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!isGoing) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [isGoing]);
  return now;
}
