import { useQueryClient } from "@tanstack/react-query";
import { queueStatsQuery, useChangeJob } from "../../api/queue.ts";
import type { Job } from "../../api/types.ts";
import { showDone } from "../../ui/toast.tsx";
import { nameOf } from "./names.ts";
import { holdOf } from "./waits.ts";

/** Lets a job go on, or tries it again; where nothing can begin now, says what it waits for. */
export function useGoOn(): (job: Job) => void {
  const change = useChangeJob();
  const queries = useQueryClient();
  const goOn = async (job: Job) => {
    await change.mutateAsync({ job_id: job.id, status: "queued" });
    const hold = holdOf(await queries.fetchQuery(queueStatsQuery));
    if (hold) showDone(`“${nameOf(job)}” waits for the queue to go on. ${hold}.`);
  };
  // What fails is shown by the query client.
  return job => void goOn(job).catch(() => {});
}
