import { useSortable } from "@dnd-kit/sortable";
import { ActionIcon, Badge, Card, Group, Text } from "@mantine/core";
import {
  IconArrowBarToUp,
  IconChevronDown,
  IconChevronUp,
  IconGripVertical,
  IconPlayerTrackNext,
} from "@tabler/icons-react";
import type { CSSProperties } from "react";
import { inOurWords } from "../../api/fields.ts";
import type { Job } from "../../api/types.ts";
import { usePreupload } from "../../live/progress.ts";
import { bytes, count } from "../../ui/format.ts";
import { Action, JobActions } from "./actions.tsx";
import { useGoOn } from "./go-on.ts";
import { JobPath } from "./job-path.tsx";
import { nameOf, presetNameOf } from "./names.ts";
import { TransferBar } from "./transfer.tsx";
import { WaitBadges } from "./wait-badges.tsx";
import { waitOf } from "./waits.ts";

interface WaitingRowProps {
  job: Job;
  /** Its place in the whole queue, from 1. */
  place: number;
  toTop: (() => void) | undefined;
  up: (() => void) | undefined;
  down: (() => void) | undefined;
  showDetails: (job: Job) => void;
  undo: (job: Job) => void;
}

/** A job that waits: what for, and where it can go. */
export function WaitingRow({ job, place, toTop, up, down, ...props }: WaitingRowProps) {
  const { attributes, listeners, setNodeRef, setActivatorNodeRef, transform, transition, isDragging } = useSortable({
    id: job.id,
  });
  const goOn = useGoOn();
  const preupload = usePreupload(job.id);
  const name = nameOf(job);
  const style: CSSProperties = {
    ...(transform && { transform: `translate3d(0, ${transform.y}px, 0)` }),
    ...(transition && { transition }),
    ...(isDragging && { position: "relative", zIndex: 1, boxShadow: "var(--mantine-shadow-md)" }),
  };
  return (
    <Card padding="xs" component="article" aria-label={name} ref={setNodeRef} style={style}>
      <Group justify="space-between" gap={4}>
        <Group wrap="nowrap" gap="xs" style={{ minWidth: 0, flex: "1 1 220px" }}>
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            aria-label={`Move: ${name}`}
            ref={setActivatorNodeRef}
            style={{ cursor: isDragging ? "grabbing" : "grab", touchAction: "none" }}
            {...attributes}
            {...listeners}
          >
            <IconGripVertical size={18} stroke={1.7} />
          </ActionIcon>
          <Text c="dimmed" size="sm" miw={28} ta="right" className="figures">
            {count(place)}
          </Text>
          <div style={{ minWidth: 0 }}>
            <Text size="sm" fw={500} truncate>
              {name}
            </Text>
            <JobPath job={job} />
            <Group gap={6}>
              <Text size="xs" c="dimmed" className="figures">
                {presetNameOf(job)}
                {job.source_size != null && ` · ${bytes(job.source_size)}`}
              </Text>
              {job.priority > 0 && (
                <Badge size="xs" variant="light">
                  Priority {job.priority}
                </Badge>
              )}
              <WaitBadges job={job} />
            </Group>
            {job.status_detail && job.status_detail !== job.stage && (
              <Text size="xs" className="break-anywhere">
                {inOurWords(job.status_detail)}
              </Text>
            )}
          </div>
        </Group>
        <Group gap={0} wrap="nowrap" ml="auto">
          {waitOf(job) && job.status === "queued" && (
            <Action icon={IconPlayerTrackNext} label={`Do not wait: ${name}`} run={() => goOn(job)} />
          )}
          <Action icon={IconArrowBarToUp} label={`To the top: ${name}`} run={toTop} />
          <Action icon={IconChevronUp} label={`Up: ${name}`} run={up} />
          <Action icon={IconChevronDown} label={`Down: ${name}`} run={down} />
          <JobActions job={job} {...props} />
        </Group>
      </Group>
      {preupload && <TransferBar transfer={preupload} isAhead />}
    </Card>
  );
}
