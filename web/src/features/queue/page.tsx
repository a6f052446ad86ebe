import { Alert, Button, SimpleGrid, Stack, Tabs } from "@mantine/core";
import { IconCircleCheck, IconHourglass, IconProgress, IconStack2 } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, lazyRouteComponent } from "@tanstack/react-router";
import { Suspense, useState } from "react";
import { newestEventsQuery } from "../../api/logs.ts";
import { jobsQuery, queueStatsQuery, undo } from "../../api/queue.ts";
import type { Job, QueueStats } from "../../api/types.ts";
import { useFps } from "../../live/progress.ts";
import { Empty } from "../../ui/empty.tsx";
import { Failure } from "../../ui/failure.tsx";
import { bytes, count, plural, roughly } from "../../ui/format.ts";
import { Page } from "../../ui/page.tsx";
import { RestoreDialog } from "../../ui/restore-dialog.tsx";
import { Stat } from "../../ui/stat.tsx";
import { JobDetails } from "./details.tsx";
import { betterPreset, isDamaged } from "./explain.ts";
import { FinishedJobs } from "./finished.tsx";
import { nameOf } from "./names.ts";
import { QueueActions } from "./queue-actions.tsx";
import { RunningJobs } from "./running.tsx";
import type { QueueTab } from "./search.ts";
import { stallOf } from "./stall.ts";
import { COMPLETED, FAILED, RUNNING } from "./states.ts";
import { WaitingJobs } from "./waiting.tsx";
import { holdOf } from "./waits.ts";

const route = getRouteApi("/queue");

const TranscodeDialog = lazyRouteComponent(() => import("../transcode/dialog.tsx"), "TranscodeDialog");

/** Jobs: what runs, what waits, what was done. */
export function QueuePage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { data: stats, error, refetch } = useQuery(queueStatsQuery);
  const [undoing, setUndoing] = useState<Job | null>(null);
  const [again, setAgain] = useState<Job | null>(null);
  const tab = search.tab ?? "active";
  const list = {
    showDetails: (job: Job) => void navigate({ search: { ...search, job: job.id } }),
    undo: setUndoing,
  };
  return (
    <Page title="Queue" subtitle={stats && headline(stats)} actions={stats && <QueueActions stats={stats} />}>
      {error && <Failure title="The queue could not be read" error={error} retry={() => void refetch()} />}
      {stats && stats.total_queued > 0 && <Stalled />}
      <Counters stats={stats} />
      <Tabs value={tab} onChange={value => void navigate({ search: { tab: value as QueueTab } })} keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="active">Active</Tabs.Tab>
          <Tabs.Tab value="completed">Completed</Tabs.Tab>
          <Tabs.Tab value="failed">Failed and cancelled</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="active">
          <Stack>
            <RunningJobs {...list} />
            <WaitingJobs {...list} />
            {stats && stats.total_active + stats.total_queued + stats.total_paused === 0 && <NoJobs />}
          </Stack>
        </Tabs.Panel>
        <Tabs.Panel value="completed">
          <FinishedJobs
            statuses={COMPLETED}
            empty="Jobs that came to a good end show here."
            tryAnotherPreset={setAgain}
            {...list}
          />
        </Tabs.Panel>
        <Tabs.Panel value="failed">
          <FinishedJobs
            statuses={FAILED}
            empty="Nothing failed. The originals are always safe, whatever shows here."
            tryAnotherPreset={setAgain}
            {...list}
          />
        </Tabs.Panel>
      </Tabs>
      <JobDetails id={search.job} close={() => void navigate({ search: { tab } })} />
      {undoing && (
        <RestoreDialog
          title={nameOf(undoing)}
          restore={beside => undo(undoing.id, beside)}
          close={() => setUndoing(null)}
        />
      )}
      {again?.media_item_id != null && (
        <Suspense>
          <TranscodeDialog
            ids={[again.media_item_id]}
            totalSize={again.source_size ?? 0}
            startWith={isDamaged(again) ? "Remux" : betterPreset(again.preset_name)}
            close={() => setAgain(null)}
            queued={() => setAgain(null)}
          />
        </Suspense>
      )}
    </Page>
  );
}

/** Events that are looked through: behind more of them nothing can be stalled. */
const NEWEST = 50;

/** Says that jobs wait and none gets on, and what keeps them. */
function Stalled() {
  const { data } = useQuery(newestEventsQuery(NEWEST));
  const stall = stallOf(data?.events ?? []);
  if (stall === undefined) return null;
  return (
    <Alert color="orange" variant="light" title="The queue has stalled">
      {stall}
    </Alert>
  );
}

function headline(stats: QueueStats): string {
  const hold = holdOf(stats);
  if (hold) return hold;
  if (stats.available_workers === 0) return "No machine can work: see Logs, background tasks";
  if (stats.total_active > 0) return `${plural(stats.total_active, "job")} at work`;
  if (stats.total_queued === 0) return "Idle";
  return stats.total_queued === stats.total_scheduled ? "All that waits is for later" : "Waiting to begin";
}

function Counters({ stats }: { stats: QueueStats | undefined }) {
  const { data: running } = useQuery(jobsQuery(RUNNING, "queue", 1));
  const fps = useFps(running?.items ?? []);
  return (
    <SimpleGrid cols={{ base: 2, lg: 4 }} spacing="md">
      <Stat
        icon={IconHourglass}
        label="Pending"
        value={stats ? count(stats.total_queued + stats.total_paused) : "…"}
        note={stats && pendingNote(stats)}
        color="yellow"
      />
      <Stat
        icon={IconProgress}
        label="Active"
        value={stats ? count(stats.total_active) : "…"}
        note={stats && stats.total_active > 0 && fps > 0 ? `${fps.toFixed(1)} fps together` : undefined}
      />
      <Stat
        icon={IconCircleCheck}
        label="Completed"
        value={stats ? count(stats.total_completed) : "…"}
        note={stats && stats.total_failed > 0 ? `${count(stats.total_failed)} failed` : undefined}
        color="teal"
      />
      <Stat icon={IconStack2} label="Got back" value={stats ? bytes(stats.total_saved) : "…"} color="violet" />
    </SimpleGrid>
  );
}

/** What keeps some of the jobs that wait, or how long all of them will take. */
function pendingNote(stats: QueueStats): string | undefined {
  const kept = [
    stats.total_paused > 0 && `${count(stats.total_paused)} paused`,
    stats.total_scheduled > 0 && `${count(stats.total_scheduled)} for later`,
    stats.total_waiting_for_folder > 0 && `${count(stats.total_waiting_for_folder)} without their disk`,
  ].filter(Boolean);
  if (kept.length > 0) return kept.join(", ");
  return stats.estimated_total_time > 0 ? `about ${roughly(stats.estimated_total_time)}` : undefined;
}

function NoJobs() {
  return (
    <Empty
      icon={IconProgress}
      title="Nothing to do"
      actions={
        <Button component={Link} to="/intelligence">
          See the recommendations
        </Button>
      }
    >
      Queue what Intelligence recommends, or choose files in the Library.
    </Empty>
  );
}
