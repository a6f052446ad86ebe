import {
  type Announcements,
  closestCenter,
  DndContext,
  type DragEndEvent,
  KeyboardSensor,
  PointerSensor,
  type UniqueIdentifier,
  useSensor,
  useSensors,
} from "@dnd-kit/core";
import { SortableContext, sortableKeyboardCoordinates, verticalListSortingStrategy } from "@dnd-kit/sortable";
import { Pagination, Stack, Text, Title } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { JOBS_PER_PAGE, jobsQuery, useMoveJob } from "../../api/queue.ts";
import type { Job } from "../../api/types.ts";
import { Failure } from "../../ui/failure.tsx";
import { count } from "../../ui/format.ts";
import { ListSkeleton } from "../../ui/skeleton.tsx";
import { nameOf } from "./names.ts";
import { droppedBefore } from "./order.ts";
import { type Destination, destinations, WAITING } from "./states.ts";
import { WaitingRow } from "./waiting-row.tsx";

/** A press that moves less than this is a click. */
const DRAG_AFTER_PX = 6;

interface WaitingJobsProps {
  showDetails: (job: Job) => void;
  undo: (job: Job) => void;
}

/** The jobs that wait, in the order in which they will be taken; they can be dragged, also with the keyboard. */
export function WaitingJobs(props: WaitingJobsProps) {
  const [page, setPage] = useState(1);
  const { data, error, refetch } = useQuery({
    ...jobsQuery(WAITING, "queue", page),
    placeholderData: keepPreviousData,
  });
  const pages = data ? Math.ceil(data.total / JOBS_PER_PAGE) : 0;
  // What comes after the last row of this page: a job can be put before it.
  const following = useQuery({ ...jobsQuery(WAITING, "queue", page + 1), enabled: page < pages });
  const move = useMoveJob(WAITING);
  const sensors = useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: DRAG_AFTER_PX } }),
    useSensor(KeyboardSensor, { coordinateGetter: sortableKeyboardCoordinates }),
  );
  if (error) return <Failure title="The queue could not be read" error={error} retry={() => void refetch()} />;
  if (!data) return <ListSkeleton rows={4} />;
  if (data.total === 0) return null;
  const ids = data.items.map(job => job.id);
  const next: Destination = page >= pages ? null : following.data?.items[0]?.id;
  const first = (page - 1) * JOBS_PER_PAGE + 1;
  const goTo = (job: Job, before: Destination) =>
    before === undefined ? undefined : () => move.mutate({ job_id: job.id, before });
  const drop = ({ active, over }: DragEndEvent) => {
    const before = over ? droppedBefore(ids, Number(active.id), Number(over.id), next) : undefined;
    if (before !== undefined) move.mutate({ job_id: Number(active.id), before });
  };
  return (
    <Stack gap="xs">
      <Title order={2} size="h4">
        Waiting ({count(data.total)})
      </Title>
      <DndContext
        sensors={sensors}
        collisionDetection={closestCenter}
        onDragEnd={drop}
        accessibility={{ announcements: announcements(data.items, first), screenReaderInstructions: INSTRUCTIONS }}
      >
        <SortableContext items={ids} strategy={verticalListSortingStrategy}>
          {data.items.map((job, place) => {
            const to = destinations(ids, place, page === 1, next);
            return (
              <WaitingRow
                key={job.id}
                job={job}
                place={first + place}
                toTop={goTo(job, to.top)}
                up={goTo(job, to.up)}
                down={goTo(job, to.down)}
                {...props}
              />
            );
          })}
        </SortableContext>
      </DndContext>
      {pages > 1 && (
        <>
          <Pagination total={pages} value={page} onChange={setPage} mx="auto" getControlProps={controlName} />
          <Text size="xs" c="dimmed" ta="center">
            {count(first)} to {count(first + ids.length - 1)} of {count(data.total)}
          </Text>
        </>
      )}
    </Stack>
  );
}

const INSTRUCTIONS = {
  draggable: "Press Space to take the job, the arrow keys to move it, Space to put it down, Escape to leave it.",
};

/** What a screen reader says while a job is moved: its name and places, not its id. */
function announcements(jobs: readonly Job[], first: number): Announcements {
  const find = (id: UniqueIdentifier) => jobs.findIndex(job => job.id === id);
  const name = (id: UniqueIdentifier) => {
    const job = jobs[find(id)];
    return job ? nameOf(job) : "The job";
  };
  const place = (id: UniqueIdentifier) => `place ${count(first + find(id))}`;
  return {
    onDragStart: ({ active }) => `${name(active.id)} is taken from ${place(active.id)}.`,
    onDragOver: ({ active, over }) => over && `${name(active.id)} is over ${place(over.id)}.`,
    onDragEnd: ({ active, over }) => `${name(active.id)} is put down${over ? ` at ${place(over.id)}` : ""}.`,
    onDragCancel: ({ active }) => `${name(active.id)} stays at ${place(active.id)}.`,
  } as Announcements;
}

function controlName(control: "first" | "previous" | "last" | "next") {
  return { "aria-label": `${control.charAt(0).toUpperCase()}${control.slice(1)} page` };
}
