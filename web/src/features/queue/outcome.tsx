import { Text } from "@mantine/core";
import { inOurWords } from "../../api/fields.ts";
import type { Job } from "../../api/types.ts";
import { bytes, percent, took } from "../../ui/format.ts";
import { When } from "../../ui/when.tsx";
import { failureOf } from "./explain.ts";
import { presetNameOf } from "./names.ts";
import { reductionOf } from "./states.ts";
import { useWorkerName } from "./worker.tsx";

/** Before and after; a file that lies beside its original may have grown. */
export function Sizes({ job }: { job: Job }) {
  const reduction = reductionOf(job);
  if (job.source_size == null) return null;
  const after = reduction !== undefined && job.output_size != null && (
    <>
      {" → "}
      <b>{bytes(job.output_size)}</b>,{" "}
      {reduction >= 0 ? `${percent(reduction)} smaller` : `${percent(-reduction)} larger`}
    </>
  );
  return (
    <Text size="sm" className="figures">
      {bytes(job.source_size)}
      {after}
    </Text>
  );
}

/** What came of a job that did not make a new file, and what can be done about it. */
export function Trouble({ job }: { job: Job }) {
  const failure = failureOf(job);
  return (
    <>
      {failure && <Text size="sm">{failure}</Text>}
      {/* With both sizes the sentence would only repeat them. */}
      {job.status_detail && reductionOf(job) === undefined && (
        <Text size="sm" c="dimmed" className="break-anywhere" lineClamp={3} title={job.status_detail}>
          {inOurWords(job.status_detail)}
        </Text>
      )}
    </>
  );
}

/** With which preset, on which server, how long it took, and when it was done. */
export function DoneWhen({ job }: { job: Job }) {
  const worker = useWorkerName(job);
  return (
    <Text size="xs" c="dimmed">
      {presetNameOf(job)}
      {worker && ` · on ${worker}`}
      {tookOf(job)}
      {job.completed_at && (
        <>
          {" · "}
          <When at={job.completed_at} />
        </>
      )}
    </Text>
  );
}

/** From its first beginning to its end, as its steps show it: with tries that were lost, and with what it waited for. */
function tookOf({ first_started_at, completed_at }: Job): string {
  if (!first_started_at || !completed_at) return "";
  return ` · took ${took((Date.parse(completed_at) - Date.parse(first_started_at)) / 1000)}`;
}
