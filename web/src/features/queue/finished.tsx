import { Badge, Button, Card, Group, Pagination, Stack, Text } from "@mantine/core";
import { IconChecklist } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { JOBS_PER_PAGE, jobsQuery } from "../../api/queue.ts";
import type { Job } from "../../api/types.ts";
import { Empty } from "../../ui/empty.tsx";
import { Failure } from "../../ui/failure.tsx";
import { bytes, duration, percent } from "../../ui/format.ts";
import { ListSkeleton } from "../../ui/skeleton.tsx";
import { When } from "../../ui/when.tsx";
import { JobActions, nameOf } from "./actions.tsx";
import { FallbackNote } from "./encoder.tsx";
import { failureOf } from "./explain.ts";
import { JobPath } from "./job-path.tsx";
import { endingOf, reductionOf } from "./states.ts";

interface FinishedJobsProps {
  statuses: readonly string[];
  /** What to say when there is none. */
  empty: string;
  showDetails: (job: Job) => void;
  undo: (job: Job) => void;
  tryAnotherPreset: (job: Job) => void;
}

/** Jobs that came to an end, the newest first. */
export function FinishedJobs({ statuses, empty, ...props }: FinishedJobsProps) {
  const [page, setPage] = useState(1);
  const { data, error, refetch } = useQuery({
    ...jobsQuery(statuses, "newest", page),
    placeholderData: keepPreviousData,
  });
  if (error) return <Failure title="The jobs could not be read" error={error} retry={() => void refetch()} />;
  if (!data) return <ListSkeleton rows={4} />;
  if (data.total === 0) {
    return (
      <Empty icon={IconChecklist} title="Nothing here">
        {empty}
      </Empty>
    );
  }
  const pages = Math.ceil(data.total / JOBS_PER_PAGE);
  return (
    <Stack gap="sm">
      {data.items.map(job => (
        <FinishedCard key={job.id} job={job} {...props} />
      ))}
      {pages > 1 && <Pagination total={pages} value={page} onChange={setPage} mx="auto" />}
    </Stack>
  );
}

function FinishedCard({
  job,
  tryAnotherPreset,
  ...props
}: { job: Job } & Omit<FinishedJobsProps, "statuses" | "empty">) {
  const { word, color } = endingOf(job);
  const failure = failureOf(job);
  return (
    <Card padding="sm" component="article" aria-label={nameOf(job)}>
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <div style={{ minWidth: 0 }}>
          <Group gap={8}>
            <Text fw={600} className="break-anywhere">
              {nameOf(job)}
            </Text>
            <Badge size="sm" variant="light" color={color}>
              {word}
            </Badge>
          </Group>
          <JobPath job={job} />
          <Sizes job={job} />
          <FallbackNote job={job} />
          {failure && <Text size="sm">{failure}</Text>}
          {/* With both sizes the sentence would only repeat them. */}
          {job.status_detail && reductionOf(job) === undefined && (
            <Text size="sm" c="dimmed" className="break-anywhere" lineClamp={3}>
              {job.status_detail}
            </Text>
          )}
          <Text size="xs" c="dimmed">
            {job.preset_name}
            {tookOf(job)}
            {job.completed_at && (
              <>
                {" · "}
                <When at={job.completed_at} />
              </>
            )}
          </Text>
        </div>
        <Group gap={2} wrap="nowrap">
          <JobActions job={job} {...props} />
        </Group>
      </Group>
      {job.status === "failed" && job.media_item_id != null && (
        <Button
          size="compact-sm"
          variant="light"
          mt="xs"
          mr="auto"
          onClick={() => tryAnotherPreset(job)}
          aria-label={`Try another preset: ${nameOf(job)}`}
        >
          Try another preset…
        </Button>
      )}
    </Card>
  );
}

/** Before and after. */
function Sizes({ job }: { job: Job }) {
  const reduction = reductionOf(job);
  if (reduction === undefined || job.output_size == null || job.source_size == null) return null;
  return (
    <Text size="sm" className="figures">
      {bytes(job.source_size)} → <b>{bytes(job.output_size)}</b>,{" "}
      {reduction >= 0 ? `${percent(reduction)} smaller` : `${percent(-reduction)} larger`}
    </Text>
  );
}

function tookOf(job: Job): string {
  if (!job.started_at || !job.completed_at) return "";
  return ` · took ${duration((Date.parse(job.completed_at) - Date.parse(job.started_at)) / 1000)}`;
}
