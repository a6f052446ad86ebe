import { Badge, Drawer, Group, Stack, Table, Tabs, Text } from "@mantine/core";
import { IconCircleCheck, IconCircleX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { attemptsQuery, jobQuery, logQuery, planQuery, proofQuery } from "../../api/queue.ts";
import type { Job } from "../../api/types.ts";
import { useJobLog } from "../../live/progress.ts";
import { Command } from "../../ui/command.tsx";
import { Failure } from "../../ui/failure.tsx";
import { bytes, duration } from "../../ui/format.ts";
import { PlanView } from "../../ui/plan-view.tsx";
import { ListSkeleton } from "../../ui/skeleton.tsx";
import { When } from "../../ui/when.tsx";
import { nameOf } from "./actions.tsx";
import { failureOf, meaningOf } from "./explain.ts";
import { endingOf, RUNNING, stageOf } from "./states.ts";

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
      {id !== undefined && <Loaded id={id} />}
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
      <Tabs defaultValue={isRunning ? "log" : job.validation_status ? "proof" : "plan"} keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="plan">Plan</Tabs.Tab>
          <Tabs.Tab value="log">Log</Tabs.Tab>
          <Tabs.Tab value="proof">Proof</Tabs.Tab>
          <Tabs.Tab value="attempts">Attempts</Tabs.Tab>
        </Tabs.List>
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

function Head({ job, isRunning }: { job: Job; isRunning: boolean }) {
  const { word, color } = endingOf(job);
  const failure = isRunning ? undefined : failureOf(job);
  return (
    <div>
      <Group gap={8}>
        <Text fw={700} size="lg">
          {nameOf(job)}
        </Text>
        <Badge variant="light" color={isRunning ? "accent" : color}>
          {isRunning ? stageOf(job) : word}
        </Badge>
      </Group>
      <Text size="sm" c="dimmed" className="break-anywhere">
        {job.output_path ?? job.source_path}
      </Text>
      {failure && <Text size="sm">{failure}</Text>}
      {job.status_detail && !isRunning && (
        <Text size="sm" {...(failure && { c: "dimmed" })}>
          {job.status_detail}
        </Text>
      )}
    </div>
  );
}

function PlanPart({ id }: { id: number }) {
  const { data, error, refetch } = useQuery(planQuery(id));
  if (error) return <Failure title="The plan could not be read" error={error} retry={() => void refetch()} />;
  if (!data) return <ListSkeleton rows={3} />;
  return (
    <Stack>
      <Text size="sm">Preset: {data.preset}</Text>
      {data.plan ? <PlanView plan={data.plan} /> : <Text c="dimmed">It was refused before it had a plan.</Text>}
      {data.command && <Command label="Command" text={data.command} />}
    </Stack>
  );
}

/** The log as it was when the page opened, and what came live since. */
function LogPart({ id }: { id: number }) {
  const { data, error, refetch } = useQuery({ ...logQuery(id), staleTime: 0 });
  const live = useJobLog(id);
  if (error) return <Failure title="The log could not be read" error={error} retry={() => void refetch()} />;
  if (!data) return <ListSkeleton rows={3} />;
  const text = [data.log.trimEnd(), ...(data.is_live ? (live ?? []) : [])].filter(Boolean).join("\n");
  if (!text) return <Text c="dimmed">Nothing was written yet.</Text>;
  return <Command label={data.is_live ? "The encoder's log, live" : "The encoder's log"} text={text} maxHeight={520} />;
}

function ProofPart({ id }: { id: number }) {
  const { data, error, refetch } = useQuery(proofQuery(id));
  if (error) return <Failure title="The proof could not be read" error={error} retry={() => void refetch()} />;
  if (!data) return <ListSkeleton rows={5} />;
  const words: Record<string, string> = {
    proven: "Proven: every check holds",
    not_worth_it: "Sound, but not worth it",
    rejected: "Rejected: the output was not used",
  };
  return (
    <Stack>
      <Text size="sm">
        <b>{words[data.conclusion] ?? data.conclusion}</b>, output of {bytes(data.output_size)},{" "}
        <When at={data.created_at} />
      </Text>
      <Table.ScrollContainer minWidth={320} type="native">
        <Table verticalSpacing={6} withTableBorder>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Check</Table.Th>
              <Table.Th>Measured</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {data.checks.map(check => (
              <Table.Tr key={check.name}>
                <Table.Td>
                  <Group gap={6} wrap="nowrap">
                    {check.passed ? (
                      <IconCircleCheck size={18} color="var(--mantine-color-teal-6)" aria-label="holds" />
                    ) : (
                      <IconCircleX size={18} color="var(--mantine-color-red-6)" aria-label="does not hold" />
                    )}
                    {check.name}
                  </Group>
                </Table.Td>
                <Table.Td className="break-anywhere figures">
                  {!check.passed && <Text size="sm">{sentence(meaningOf(check.name))}</Text>}
                  {check.measured}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Stack>
  );
}

/** With a capital and a full stop. */
function sentence(words: string | undefined): string | undefined {
  return words && `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}

function AttemptsPart({ id }: { id: number }) {
  const { data, error, refetch } = useQuery(attemptsQuery(id));
  if (error) return <Failure title="The attempts could not be read" error={error} retry={() => void refetch()} />;
  if (!data) return <ListSkeleton rows={3} />;
  if (data.length === 0) return <Text c="dimmed">Nothing was tried yet.</Text>;
  return (
    <Stack>
      {data.map(attempt => (
        <Stack key={attempt.id} gap="xs">
          <Group gap={8}>
            <Text fw={600} size="sm">
              {attempt.task}
            </Text>
            <Badge size="sm" variant="default">
              {attempt.state}
            </Badge>
            <Text size="sm" c="dimmed">
              <When at={attempt.started_at} />
              {attempt.ended_at &&
                `, took ${duration((Date.parse(attempt.ended_at) - Date.parse(attempt.started_at)) / 1000)}`}
            </Text>
          </Group>
          {attempt.command && <Command label="Command" text={attempt.command} />}
          {attempt.log && <Command label="End of the log" text={attempt.log} />}
        </Stack>
      ))}
    </Stack>
  );
}
