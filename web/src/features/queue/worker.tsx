import { Badge, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { serversQuery } from "../../api/servers.ts";
import type { Job } from "../../api/types.ts";
import { modeOf } from "./modes.ts";

/** The server that has a job; undefined while none was chosen, and where there is only one. */
export function useWorkerName(job: Pick<Job, "worker_name">): string | undefined {
  const { data } = useQuery(serversQuery);
  return data && data.length > 1 ? (job.worker_name ?? undefined) : undefined;
}

/** On which server a job is. */
export function WorkerBadge({ job }: { job: Job }) {
  const name = useWorkerName(job);
  if (name === undefined) return null;
  return (
    <Badge size="sm" variant="default">
      {name}
    </Badge>
  );
}

/** On which server a job is, how its file comes there, and why that one. */
export function WorkerFacts({ job }: { job: Job }) {
  const name = useWorkerName(job);
  if (name === undefined) return null;
  const mode = modeOf(job.transfer_mode);
  return (
    <Text size="sm" className="break-anywhere" component="div">
      Server: {name}
      {mode && `, ${mode}`}
      {job.worker_reason && (
        <Text size="xs" c="dimmed">
          Why this one: {job.worker_reason}
        </Text>
      )}
    </Text>
  );
}
