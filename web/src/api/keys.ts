import type { QueryKey } from "@tanstack/react-query";

/** The first part of every query's key, by what makes it stale (live/effects.ts). */
export const keys = {
  health: ["health"],
  session: ["session"],
  library: ["library"],
  libraries: ["libraries"],
  folders: ["folders"],
  recommendations: ["recommendations"],
  queue: ["queue"],
  quick: ["quick"],
  job: (id: number): QueryKey => ["job", id],
  quarantine: ["quarantine"],
  servers: ["servers"],
  serverList: ["servers", "all"],
  pathChecks: ["path-checks"],
  presets: ["presets"],
  settings: ["settings"],
  encoders: ["encoders"],
  access: ["access"],
  events: ["events"],
  tasks: ["tasks"],
  logs: ["logs"],
} as const;
