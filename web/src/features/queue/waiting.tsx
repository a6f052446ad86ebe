import { Badge, Card, Group, Pagination, Stack, Text, Title } from "@mantine/core";
import { IconArrowBarToUp, IconChevronDown, IconChevronUp } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { JOBS_PER_PAGE, jobsQuery, useMoveJob } from "../../api/queue.ts";
import type { Job } from "../../api/types.ts";
import { Failure } from "../../ui/failure.tsx";
import { bytes, count, percent } from "../../ui/format.ts";
import { ListSkeleton } from "../../ui/skeleton.tsx";
import { Action, JobActions, nameOf } from "./actions.tsx";
import { JobPath } from "./job-path.tsx";
import { type Destination, destinations, WAITING } from "./states.ts";

interface WaitingJobsProps {
  showDetails: (job: Job) => void;
  undo: (job: Job) => void;
}

/** The jobs that wait, in the order in which they will be taken. */
export function WaitingJobs(props: WaitingJobsProps) {
  const [page, setPage] = useState(1);
  const { data, error, refetch } = useQuery({
    ...jobsQuery(WAITING, "queue", page),
    placeholderData: keepPreviousData,
  });
  if (error) return <Failure title="The queue could not be read" error={error} retry={() => void refetch()} />;
  if (!data) return <ListSkeleton rows={4} />;
  if (data.total === 0) return null;
  const pages = Math.ceil(data.total / JOBS_PER_PAGE);
  const ids = data.items.map(job => job.id);
  return (
    <Stack gap="xs">
      <Title order={2} size="h4">
        Waiting ({count(data.total)})
      </Title>
      {data.items.map((job, place) => (
        <WaitingRow
          key={job.id}
          job={job}
          place={(page - 1) * JOBS_PER_PAGE + place + 1}
          to={destinations(ids, place, page === 1, page >= pages)}
          {...props}
        />
      ))}
      {pages > 1 && (
        <Pagination total={pages} value={page} onChange={setPage} mx="auto" getControlProps={controlName} />
      )}
    </Stack>
  );
}

interface WaitingRowProps extends WaitingJobsProps {
  job: Job;
  place: number;
  to: { top: Destination; up: Destination; down: Destination };
}

function WaitingRow({ job, place, to, ...props }: WaitingRowProps) {
  const move = useMoveJob();
  const goTo = (before: Destination) =>
    before === undefined ? undefined : () => move.mutate({ job_id: job.id, before });
  const name = nameOf(job);
  return (
    <Card padding="xs" component="article" aria-label={name}>
      <Group justify="space-between" gap={4}>
        <Group wrap="nowrap" gap="sm" style={{ minWidth: 0, flex: "1 1 220px" }}>
          <Text c="dimmed" size="sm" w={34} ta="right" className="figures">
            {place}
          </Text>
          <div style={{ minWidth: 0 }}>
            <Text size="sm" fw={500} truncate>
              {name}
            </Text>
            <JobPath job={job} />
            <Group gap={6}>
              <Text size="xs" c="dimmed" className="figures">
                {job.preset_name}
                {job.source_size != null && ` · ${bytes(job.source_size)}`}
              </Text>
              {job.status === "paused" && (
                <Badge size="xs" color="yellow" variant="light">
                  {job.progress_percent > 0 ? `Paused at ${percent(job.progress_percent)}` : "Paused"}
                </Badge>
              )}
              {job.priority > 0 && (
                <Badge size="xs" variant="light">
                  Priority {job.priority}
                </Badge>
              )}
            </Group>
            {job.status_detail && job.status_detail !== job.stage && (
              <Text size="xs" className="break-anywhere">
                {job.status_detail}
              </Text>
            )}
          </div>
        </Group>
        <Group gap={0} wrap="nowrap" ml="auto">
          <Action icon={IconArrowBarToUp} label={`To the top: ${name}`} run={goTo(to.top)} />
          <Action icon={IconChevronUp} label={`Up: ${name}`} run={goTo(to.up)} />
          <Action icon={IconChevronDown} label={`Down: ${name}`} run={goTo(to.down)} />
          <JobActions job={job} {...props} />
        </Group>
      </Group>
    </Card>
  );
}

function controlName(control: "first" | "previous" | "last" | "next") {
  return { "aria-label": `${control.charAt(0).toUpperCase()}${control.slice(1)} page` };
}
