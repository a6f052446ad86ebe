import type { DryRun, Forecast } from "../../api/types.ts";
import { bytes, duration, percent, plural } from "../../ui/format.ts";

/** What one file would come to, in a sentence. */
export function estimateOf(run: DryRun): string {
  if (run.estimated_output_size == null) return "how small it gets cannot be told beforehand.";
  const saved = run.estimated_reduction_percent == null ? "" : `, ${changeOf(run.estimated_reduction_percent)}`;
  const time = run.estimated_duration == null ? "" : `, in about ${duration(run.estimated_duration)}`;
  return `about ${bytes(run.estimated_output_size)}${saved}${time}.`;
}

/** A reduction in percent, in words; what lies beside its original may grow. */
function changeOf(reduction: number): string {
  return reduction < 0 ? `${percent(-reduction)} larger` : `${percent(reduction)} smaller`;
}

/** What many files would come to, in a sentence. */
export function totalOf(forecast: Forecast): string {
  const { jobs, foretold_jobs, source_size, estimated_output_size } = forecast;
  if (jobs === 0) return "None of these files can be queued so.";
  const files = plural(jobs, "file");
  if (foretold_jobs === 0) return `${files}: how small they get cannot be told beforehand.`;
  const saved = source_size - estimated_output_size;
  const share = source_size > 0 ? `, ${percent((Math.abs(saved) / source_size) * 100)} ` : "";
  const change = saved === 0 ? "" : `${share}${saved > 0 ? "smaller" : "larger"}`;
  const others = jobs - foretold_jobs;
  const unknown = others > 0 ? `; of ${plural(others, "more", "more")} it cannot be told beforehand` : "";
  return `${files}: about ${bytes(estimated_output_size)} instead of ${bytes(source_size)}${change}${unknown}.`;
}
