import { Badge, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { inOurWords } from "../../api/fields.ts";
import { serversQuery } from "../../api/servers.ts";
import type { Job } from "../../api/types.ts";
import { isSilent } from "../servers/status.ts";
import { modeOf } from "./modes.ts";

/** The server that has a job; undefined while none was chosen, and where there is only one. */
export function useWorkerName(job: Pick<Job, "worker_name">): string | undefined {
  const { data } = useQuery(serversQuery);
  return data && data.length > 1 ? (job.worker_name ?? undefined) : undefined;
}

/** Whether nothing is heard of the server that has a job: what is known of how far it is, is old. */
export function useIsSilent(job: Pick<Job, "worker_server_id">): boolean {
  const { data } = useQuery(serversQuery);
  const server = data?.find(server => server.id === job.worker_server_id);
  return server !== undefined && isSilent(server);
}

/** The server that a waiting job was asked for, and whether it is away; undefined where any may take it. */
export function useAskedServer(
  job: Pick<Job, "preferred_worker_id" | "preferred_worker_name">,
): { name: string; isAway: boolean } | undefined {
  const { data } = useQuery(serversQuery);
  const server = data?.find(server => server.id === job.preferred_worker_id);
  if (job.preferred_worker_name == null) return undefined;
  return { name: job.preferred_worker_name, isAway: server !== undefined && isSilent(server) };
}

/** On which server a job is, and whether that is silent. */
export function WorkerBadge({ job }: { job: Job }) {
  const name = useWorkerName(job);
  const isSilent = useIsSilent(job);
  if (name === undefined) return null;
  return (
    <Badge size="sm" {...(isSilent ? { variant: "light", color: "red" } : { variant: "default" })}>
      {isSilent ? `${name} does not answer` : name}
    </Badge>
  );
}

/** What becomes of a job whose server is silent. */
export function SilenceNote({ job }: { job: Job }) {
  const name = useWorkerName(job) ?? "Its server";
  return (
    <Text size="sm" c="dimmed" mt="sm">
      {name} may still be at it. If it stays silent, the job goes back to the queue and to another server.
    </Text>
  );
}

/** On which server a job is, how its file comes there, and why that one; of a waiting job, which one it was asked for. */
export function WorkerFacts({ job }: { job: Job }) {
  const name = useWorkerName(job);
  const asked = useAskedServer(job);
  if (name === undefined) return asked && <Text size="sm">Server: {asked.name} was asked for</Text>;
  const mode = modeOf(job.transfer_mode);
  return (
    <Text size="sm" className="break-anywhere" component="div">
      Server: {name}
      {mode && `, ${mode}`}
      {job.worker_reason && (
        <Text size="xs" c="dimmed">
          Why this one: {inOurWords(job.worker_reason)}
        </Text>
      )}
    </Text>
  );
}
