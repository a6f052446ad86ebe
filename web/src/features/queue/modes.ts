/** How a source comes to the server that encodes it, by the API's names. */
const MODES: Record<string, string> = {
  local: "the file is on the machine itself",
  mapped: "it sees the file itself",
  ssh_pull: "it fetches the file from where it lies",
  ssh_transfer: "the file is sent there",
  relay: "the file is passed on to it",
};

/** How a source comes to its server, in words; undefined before that is known. */
export function modeOf(mode: string | null): string | undefined {
  return mode === null ? undefined : (MODES[mode] ?? mode);
}
