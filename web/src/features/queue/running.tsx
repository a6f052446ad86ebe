import { Badge, Card, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { jobsQuery } from "../../api/queue.ts";
import type { Job } from "../../api/types.ts";
import { useJobProgress, useTransfer } from "../../live/progress.ts";
import { bytes, clock } from "../../ui/format.ts";
import { ProgressBar } from "../../ui/progress-bar.tsx";
import { JobActions } from "./actions.tsx";
import { encoderOf, FallbackNote } from "./encoder.tsx";
import { JobPath } from "./job-path.tsx";
import { nameOf, presetNameOf } from "./names.ts";
import { paceOf } from "./pace.ts";
import { RUNNING, stageOf } from "./states.ts";
import { TransferBar } from "./transfer.tsx";
import { tryOf } from "./waits.ts";
import { SilenceNote, useIsSilent, WorkerBadge } from "./worker.tsx";

interface JobListProps {
  showDetails: (job: Job) => void;
  undo: (job: Job) => void;
}

/** The jobs that work now. */
export function RunningJobs(props: JobListProps) {
  const { data } = useQuery(jobsQuery(RUNNING, "queue", 1));
  if (!data || data.items.length === 0) return null;
  return (
    <Stack gap="sm">
      {data.items.map(job => (
        <RunningCard key={job.id} job={job} {...props} />
      ))}
    </Stack>
  );
}

/** A job at work: how far, how fast, how long still. */
function RunningCard({ job, ...props }: { job: Job } & JobListProps) {
  const live = useJobProgress(job.id);
  const transfer = useTransfer(job.id);
  const isSilent = useIsSilent(job);
  const progress = useHighest(live?.progress ?? job.progress_percent, job.started_at);
  const { fps, speed, eta } = paceOf(job, live);
  const stage = stageOf(job, live?.stage);
  const again = tryOf(job);
  const facts = [
    encoderOf(job),
    fps ? `${fps.toFixed(1)} fps` : null,
    speed ? `${speed.toFixed(2)} × real time` : null,
    eta ? `${clock(eta)} left` : null,
  ].filter(Boolean);
  return (
    <Card component="article" aria-label={nameOf(job)}>
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <div style={{ minWidth: 0 }}>
          <Text fw={600} truncate>
            {nameOf(job)}
          </Text>
          <JobPath job={job} />
          <Group gap={8}>
            <Text size="sm" c="dimmed">
              {stage}
            </Text>
            <Badge size="sm" variant="default">
              {presetNameOf(job)}
            </Badge>
            <WorkerBadge job={job} />
            {again && (
              <Badge size="sm" variant="light" color="orange">
                {again}
              </Badge>
            )}
          </Group>
          <FallbackNote job={job} />
        </div>
        <Group gap={2} wrap="nowrap">
          <JobActions job={job} {...props} />
        </Group>
      </Group>
      {isSilent && <SilenceNote job={job} />}
      {job.status !== "transferring" && !isSilent && (
        <>
          <ProgressBar size="lg" mt="sm" label={`${nameOf(job)}: ${stage}`} value={progress || null} />
          <Group justify="space-between" mt={6} className="figures">
            <Text size="sm">{progress > 0 && `${progress.toFixed(1)} %`}</Text>
            <Text size="sm" c="dimmed">
              {[...facts, job.source_size != null && bytes(job.source_size)].filter(Boolean).join(" · ")}
            </Text>
          </Group>
        </>
      )}
      {transfer && !isSilent && <TransferBar transfer={transfer} />}
    </Card>
  );
}

/**
 * The highest value of a try so far: what is read again after a lost connection may be older than what was heard live. One
 * that begins anew, on another server perhaps, begins at its own value.
 */
function useHighest(value: number, began: string | null): number {
  const [highest, setHighest] = useState({ value, began });
  if (began !== highest.began || value > highest.value) setHighest({ value, began });
  return began === highest.began ? Math.max(value, highest.value) : value;
}
