import { bitrate } from "../../ui/format.ts";

/** How fast a file moves, as rates are written everywhere here: the contract's `84.3 Mbps` is `84.3 Mbit/s`. */
export function speedOf(speed: string): string {
  const mbps = /^([\d.]+) Mbps$/.exec(speed)?.[1];
  return mbps === undefined ? speed : bitrate(Number(mbps) * 1000);
}
