import { Group, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { jobsQuery } from "../../api/queue.ts";
import type { Job, Server } from "../../api/types.ts";
import { useJobProgress, useTransfer } from "../../live/progress.ts";
import { ProgressBar } from "../../ui/progress-bar.tsx";
import { TextLink } from "../../ui/text-link.tsx";
import { nameOf } from "../queue/names.ts";
import { RUNNING, stageOf } from "../queue/states.ts";
import classes from "./servers.module.css";
import { isSilent } from "./status.ts";

const NO_JOBS: readonly Job[] = [];

/** All jobs that run, of whichever server. */
export function useRunningJobs(): readonly Job[] {
  return useQuery(jobsQuery(RUNNING, "queue", 1)).data?.items ?? NO_JOBS;
}

/** What runs on a server: each film with how far it is, and a way to its job. */
export function RunsThere({ server }: { server: Server }) {
  const jobs = useRunningJobs().filter(job => job.worker_server_id === server.id);
  if (jobs.length === 0) return null;
  return (
    <ul className={classes.runs} aria-label={`Jobs on ${server.name}`}>
      {jobs.map(job => (
        <Run key={job.id} job={job} isSilent={isSilent(server)} />
      ))}
    </ul>
  );
}

function Run({ job, isSilent }: { job: Job; isSilent: boolean }) {
  const live = useJobProgress(job.id);
  const transfer = useTransfer(job.id);
  const name = nameOf(job);
  const stage = stageOf(job, live?.stage);
  const isSent = job.status === "transferring";
  const progress = isSent ? transfer?.progress : Math.max(live?.progress ?? 0, job.progress_percent);
  const fps = live ? live.fps : job.current_fps;
  const facts = [stage, progress ? `${Math.round(progress)} %` : null, fps ? `${fps.toFixed(1)} fps` : null];
  return (
    <li>
      <Group justify="space-between" gap={8} wrap="nowrap">
        <Text size="sm" truncate>
          <TextLink to="/queue" search={{ job: job.id }} size="sm">
            {name}
          </TextLink>
        </Text>
        <Text size="xs" c="dimmed" className="figures" style={{ flex: "none" }}>
          {/* How far it was when it was heard last says nothing of now. */}
          {isSilent ? "nothing heard of it" : facts.filter(Boolean).join(" · ")}
        </Text>
      </Group>
      {!isSilent && <ProgressBar size="xs" mt={4} label={`${name}: ${stage}`} value={progress || null} />}
    </li>
  );
}
