import type { Job } from "../../api/types.ts";
import type { JobProgress } from "../../live/progress.ts";

/** How fast a running job is, and how long it will take; what is not known is missing. */
interface Pace {
  fps?: number | null | undefined;
  speed?: number | null | undefined;
  eta?: number | null | undefined;
}

/** By what came live, as a whole: a proof has no pace, and what was read before is that of the encode. */
export function paceOf(
  job: Pick<Job, "current_fps" | "current_speed" | "eta_seconds">,
  live: JobProgress | undefined,
): Pace {
  if (live) return { fps: live.fps, speed: live.speed, eta: live.eta_seconds };
  return { fps: job.current_fps, speed: job.current_speed, eta: job.eta_seconds };
}
