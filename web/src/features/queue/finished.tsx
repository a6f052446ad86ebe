import { Badge, Button, Card, Group, Pagination, Stack, Text } from "@mantine/core";
import { IconChecklist } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { JOBS_PER_PAGE, jobsQuery } from "../../api/queue.ts";
import type { Job } from "../../api/types.ts";
import { Empty } from "../../ui/empty.tsx";
import { Failure } from "../../ui/failure.tsx";
import { ListSkeleton } from "../../ui/skeleton.tsx";
import { JobActions } from "./actions.tsx";
import { FallbackNote } from "./encoder.tsx";
import { isDamaged } from "./explain.ts";
import { JobPath } from "./job-path.tsx";
import { nameOf } from "./names.ts";
import { DoneWhen, Sizes, Trouble } from "./outcome.tsx";
import { endingOf } from "./states.ts";

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
          <Trouble job={job} />
          <DoneWhen job={job} />
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
          aria-label={`${isDamaged(job) ? "Remux" : "Try another preset"}: ${nameOf(job)}`}
        >
          {isDamaged(job) ? "Remux it…" : "Try another preset…"}
        </Button>
      )}
    </Card>
  );
}
