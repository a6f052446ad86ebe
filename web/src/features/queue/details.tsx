import { Badge, Drawer, Group, Stack, Tabs, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { inOurWords } from "../../api/fields.ts";
import { jobQuery } from "../../api/queue.ts";
import type { Job } from "../../api/types.ts";
import { useJobProgress, useTransfer } from "../../live/progress.ts";
import { Failure } from "../../ui/failure.tsx";
import { clock } from "../../ui/format.ts";
import { ProgressBar } from "../../ui/progress-bar.tsx";
import { ListSkeleton } from "../../ui/skeleton.tsx";
import { AttemptsPart } from "./details/attempts.tsx";
import { LogPart } from "./details/log.tsx";
import { OverviewPart } from "./details/overview.tsx";
import { PlanPart } from "./details/plan.tsx";
import { ProofPart } from "./details/proof.tsx";
import { failureOf } from "./explain.ts";
import { nameOf } from "./names.ts";
import { paceOf } from "./pace.ts";
import { endingOf, RUNNING, stageOf } from "./states.ts";
import { TransferBar } from "./transfer.tsx";
import { SilenceNote, useIsSilent, WorkerFacts } from "./worker.tsx";

/** Everything about one job, beside the list. */
export function JobDetails({ id, close }: { id: number | undefined; close: () => void }) {
  return (
    <Drawer
      opened={id !== undefined}
      onClose={close}
      position="right"
      size="xl"
      title="Job"
      closeButtonProps={{ "aria-label": "Close the job" }}
    >
      {id !== undefined && <Loaded key={id} id={id} />}
    </Drawer>
  );
}

function Loaded({ id }: { id: number }) {
  const { data: job, error, refetch } = useQuery(jobQuery(id));
  if (error) return <Failure title="The job could not be read" error={error} retry={() => void refetch()} />;
  if (!job) return <ListSkeleton />;
  const isRunning = RUNNING.some(status => status === job.status);
  return (
    <Stack>
      <Head job={job} isRunning={isRunning} />
      {isRunning && <HowFar job={job} />}
      <Tabs defaultValue="overview" keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="overview">Overview</Tabs.Tab>
          <Tabs.Tab value="plan">Plan</Tabs.Tab>
          <Tabs.Tab value="log">Log</Tabs.Tab>
          <Tabs.Tab value="proof">Proof</Tabs.Tab>
          <Tabs.Tab value="attempts">Attempts</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="overview">
          <OverviewPart id={id} />
        </Tabs.Panel>
        <Tabs.Panel value="plan">
          <PlanPart id={id} />
        </Tabs.Panel>
        <Tabs.Panel value="log">
          <LogPart id={id} />
        </Tabs.Panel>
        <Tabs.Panel value="proof">
          {job.validation_status ? (
            <ProofPart id={id} />
          ) : (
            <Text c="dimmed" size="sm">
              There is no proof yet. It is made when the encode has ended, and nothing is replaced without one.
            </Text>
          )}
        </Tabs.Panel>
        <Tabs.Panel value="attempts">
          <AttemptsPart id={id} />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}

/** How far a running job is, live. */
function HowFar({ job }: { job: Job }) {
  const live = useJobProgress(job.id);
  const transfer = useTransfer(job.id);
  const isSilent = useIsSilent(job);
  const progress = Math.max(live?.progress ?? 0, job.progress_percent);
  const { fps, speed, eta } = paceOf(job, live);
  const facts = [
    progress > 0 && `${progress.toFixed(1)} %`,
    fps && `${fps.toFixed(1)} fps`,
    speed && `${speed.toFixed(2)} × real time`,
    eta && `${clock(eta)} left`,
  ];
  if (isSilent) return <SilenceNote job={job} />;
  return (
    <div>
      {job.status !== "transferring" && (
        <>
          <ProgressBar size="lg" label={stageOf(job, live?.stage)} value={progress || null} />
          <Text size="sm" c="dimmed" mt={4} className="figures">
            {facts.filter(Boolean).join(" · ")}
          </Text>
        </>
      )}
      {transfer && <TransferBar transfer={transfer} />}
    </div>
  );
}

function Head({ job, isRunning }: { job: Job; isRunning: boolean }) {
  const live = useJobProgress(job.id);
  const { word, color } = endingOf(job);
  const failure = isRunning ? undefined : failureOf(job);
  return (
    <div>
      <Group gap={8}>
        <Text fw={700} size="lg">
          {nameOf(job)}
        </Text>
        <Badge variant="light" color={isRunning ? "accent" : color}>
          {isRunning ? stageOf(job, live?.stage) : word}
        </Badge>
      </Group>
      <Text size="sm" c="dimmed" className="break-anywhere">
        {job.source_server_name && `on ${job.source_server_name} · `}
        {job.output_path ?? job.source_path}
      </Text>
      <WorkerFacts job={job} />
      {failure && <Text size="sm">{failure}</Text>}
      {job.status_detail && !isRunning && (
        <Text size="sm" {...(failure && { c: "dimmed" })}>
          {inOurWords(job.status_detail)}
        </Text>
      )}
    </div>
  );
}
