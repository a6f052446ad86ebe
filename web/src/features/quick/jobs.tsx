import { Badge, Button, Card, Group, Stack, Text, Title } from "@mantine/core";
import { IconDownload, IconRepeat, IconTrashX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { queueStatsQuery } from "../../api/queue.ts";
import { manualJobsQuery, outputUrl, useRemoveUpload } from "../../api/quick.ts";
import type { Job, ManualJob } from "../../api/types.ts";
import { useJobProgress } from "../../live/progress.ts";
import { Failure } from "../../ui/failure.tsx";
import { clock } from "../../ui/format.ts";
import { ProgressBar } from "../../ui/progress-bar.tsx";
import { ListSkeleton } from "../../ui/skeleton.tsx";
import { JobActions } from "../queue/actions.tsx";
import { JobPath } from "../queue/job-path.tsx";
import { nameOf } from "../queue/names.ts";
import { DoneWhen, Sizes, Trouble } from "../queue/outcome.tsx";
import { endingOf, RUNNING, stageOf, WAITING } from "../queue/states.ts";
import { WaitBadges } from "../queue/wait-badges.tsx";
import { atOf, holdOf } from "../queue/waits.ts";
import { askRemove } from "./ask-remove.tsx";

interface ManualJobsProps {
  showDetails: (job: Job) => void;
  /** Chooses a job's file once more. */
  again: (job: ManualJob) => void;
}

/** The newest jobs of this page. */
export function ManualJobs(props: ManualJobsProps) {
  const { data, error, refetch } = useQuery(manualJobsQuery);
  if (error) return <Failure title="The jobs could not be read" error={error} retry={() => void refetch()} />;
  if (!data) return <ListSkeleton rows={2} />;
  if (data.length === 0) return null;
  return (
    <Stack gap="sm">
      <Title order={2} size="h4">
        Recent
      </Title>
      {data.map(entry => (
        <JobCard key={entry.job.id} entry={entry} {...props} />
      ))}
    </Stack>
  );
}

function JobCard({ entry, showDetails, again }: { entry: ManualJob } & ManualJobsProps) {
  const { job, upload_id, output_name } = entry;
  const isRunning = RUNNING.some(status => status === job.status);
  const isOver = !isRunning && !WAITING.some(status => status === job.status);
  return (
    <Card padding="sm" component="article" aria-label={nameOf(job)}>
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <div style={{ minWidth: 0 }}>
          <Group gap={8}>
            <Text fw={600} className="break-anywhere">
              {output_name ?? nameOf(job)}
            </Text>
            <State job={job} isRunning={isRunning} isOver={isOver} />
          </Group>
          {upload_id === null && <JobPath job={job} />}
          <Sizes job={job} />
          {isOver && <Trouble job={job} />}
          {!isRunning && !isOver && <WaitsFor job={job} />}
          <DoneWhen job={job} />
        </div>
        <Group gap={2} wrap="nowrap">
          <JobActions job={job} showDetails={showDetails} undo={() => {}} />
        </Group>
      </Group>
      {isRunning && <RunningBar job={job} />}
      {isOver && <Done entry={entry} again={() => again(entry)} />}
    </Card>
  );
}

function State({ job, isRunning, isOver }: { job: Job; isRunning: boolean; isOver: boolean }) {
  const live = useJobProgress(job.id);
  const { word, color } = endingOf(job);
  if (isOver) {
    return (
      <Badge size="sm" variant="light" color={color}>
        {word}
      </Badge>
    );
  }
  if (isRunning) {
    return (
      <Badge size="sm" variant="light" color="accent">
        {stageOf(job, live?.stage)}
      </Badge>
    );
  }
  return (
    <>
      {!atOf(job) && (
        <Badge size="sm" variant="light" color="yellow">
          Waiting
        </Badge>
      )}
      <WaitBadges job={job} size="sm" />
    </>
  );
}

/** What a waiting job waits for, besides its turn. */
function WaitsFor({ job }: { job: Job }) {
  const { data: stats } = useQuery(queueStatsQuery);
  const hold = stats && job.status === "queued" ? holdOf(stats) : undefined;
  const reason = job.status_detail === job.stage ? undefined : job.status_detail;
  return [hold, reason].filter(Boolean).map(reason => (
    <Text key={reason} size="sm" c="dimmed" className="break-anywhere">
      {reason}
    </Text>
  ));
}

function RunningBar({ job }: { job: Job }) {
  const live = useJobProgress(job.id);
  const progress = Math.max(live?.progress ?? 0, job.progress_percent);
  const eta = live?.eta_seconds ?? job.eta_seconds;
  return (
    <>
      <ProgressBar size="lg" mt="sm" label={`${nameOf(job)}: ${stageOf(job, live?.stage)}`} value={progress || null} />
      <Text size="sm" c="dimmed" mt={4} className="figures">
        {[stageOf(job, live?.stage), progress > 0 && `${progress.toFixed(1)} %`, eta && `${clock(eta)} left`]
          .filter(Boolean)
          .join(" · ")}
      </Text>
    </>
  );
}

/** What can be had of a job that is over. */
function Done({ entry, again }: { entry: ManualJob; again: () => void }) {
  const { job, upload_id, output_name } = entry;
  const remove = useRemoveUpload();
  return (
    <Group gap="xs" mt="xs">
      {output_name && (
        <Button
          component="a"
          href={outputUrl(job.id)}
          download={output_name}
          size="compact-sm"
          leftSection={<IconDownload size={16} aria-hidden />}
          aria-label={`Download: ${output_name}`}
        >
          Download
        </Button>
      )}
      <Button
        size="compact-sm"
        variant="default"
        leftSection={<IconRepeat size={16} aria-hidden />}
        onClick={again}
        aria-label={`Once more: ${nameOf(job)}`}
      >
        Once more…
      </Button>
      {upload_id !== null && (
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<IconTrashX size={16} aria-hidden />}
          onClick={() => askRemove(nameOf(job), () => remove.mutate(upload_id))}
          aria-label={`Remove the files of ${nameOf(job)}`}
        >
          Remove the files
        </Button>
      )}
    </Group>
  );
}
