import { ActionIcon, Text, Tooltip } from "@mantine/core";
import { modals } from "@mantine/modals";
import {
  IconArrowBackUp,
  IconListDetails,
  IconPlayerPause,
  IconPlayerPlay,
  IconRefresh,
  IconX,
  type TablerIcon,
} from "@tabler/icons-react";
import { useChangeJob } from "../../api/queue.ts";
import type { Job } from "../../api/types.ts";
import { useGoOn } from "./go-on.ts";
import { nameOf } from "./names.ts";
import { RUNNING } from "./states.ts";

interface JobActionsProps {
  job: Job;
  showDetails: (job: Job) => void;
  undo: (job: Job) => void;
}

/** Everything that can be done with a job as it stands. */
export function JobActions({ job, showDetails, undo }: JobActionsProps) {
  const change = useChangeJob();
  const name = nameOf(job);
  const goOn = useGoOn();
  const set = (status: string) => change.mutate({ job_id: job.id, status });
  const isRunning = RUNNING.some(status => status === job.status);
  const askCancel = () =>
    modals.openConfirmModal({
      title: "Cancel this job?",
      children: (
        <Text size="sm">
          “{name}” stays as it is. {isRunning && "What was encoded so far is thrown away."}
        </Text>
      ),
      labels: { confirm: "Cancel the job", cancel: "Let it go on" },
      confirmProps: { color: "red" },
      onConfirm: () => set("cancelled"),
    });
  const canPause = (isRunning && job.status !== "replacing" && !job.is_stopping) || job.status === "queued";
  const canCancel = (isRunning && !job.is_stopping) || job.status === "queued" || job.status === "paused";
  const canRetry = job.status === "failed" || job.status === "cancelled";
  return (
    <>
      {canPause && <Action icon={IconPlayerPause} label={`Pause: ${name}`} run={() => set("paused")} />}
      {job.status === "paused" && <Action icon={IconPlayerPlay} label={`Go on: ${name}`} run={() => goOn(job)} />}
      {canRetry && <Action icon={IconRefresh} label={`Try again: ${name}`} run={() => goOn(job)} />}
      {job.can_undo && <Action icon={IconArrowBackUp} label={`Undo: ${name}`} run={() => undo(job)} />}
      {canCancel && <Action icon={IconX} label={`Cancel: ${name}`} run={askCancel} />}
      <Action icon={IconListDetails} label={`Details: ${name}`} run={() => showDetails(job)} />
    </>
  );
}

interface ActionProps {
  icon: TablerIcon;
  label: string;
  run: (() => void) | undefined;
}

/** A small button; without something to run it is there, but cannot be pressed. */
export function Action({ icon: Icon, label, run }: ActionProps) {
  return (
    <Tooltip label={label.split(":")[0]}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="lg"
        aria-label={label}
        onClick={run}
        disabled={!run}
        {...(!run && { style: { background: "none" } })}
      >
        <Icon size={18} stroke={1.7} />
      </ActionIcon>
    </Tooltip>
  );
}
