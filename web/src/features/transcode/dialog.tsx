import { Alert, Button, Group, Modal, Stack, Switch } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { dryRunQuery, forecastQuery, useQueueItems } from "../../api/queue.ts";
import type { Skipped } from "../../api/types.ts";
import { bytes, plural } from "../../ui/format.ts";
import { PresetChooser, usePresetChoice } from "../presets/chooser.tsx";
import { refusedBy } from "../presets/refused.ts";
import { ServerPicker } from "../servers/picker.tsx";
import { namesOf, skippedOf } from "./groups.ts";
import { at } from "./instant.ts";
import { LeftOut } from "./left-out.tsx";
import { FilePreview, FilesPreview } from "./preview.tsx";
import { sayQueued } from "./said.ts";
import { Schedule } from "./schedule.tsx";

/** Above everything that was queued without haste, as the contract's own manual jobs. */
const NOW_PRIORITY = 10;

interface TranscodeDialogProps {
  ids: readonly number[];
  totalSize: number;
  /** Name of the preset to begin with; the first otherwise. */
  startWith?: string;
  close: () => void;
  queued: () => void;
}

/** Chooses a preset for the chosen items, shows what it would do, and queues them. */
export function TranscodeDialog({ ids, totalSize, startWith, close, queued }: TranscodeDialogProps) {
  const choice = usePresetChoice(startWith);
  const [now, setNow] = useState(false);
  const [notBefore, setNotBefore] = useState<string | null>(null);
  const [preferred_worker_id, setServer] = useState<number | null>(null);
  // Files that were done, judged or taken back before: only the user's word brings them into the queue.
  const [leftAlone, setLeftAlone] = useState<readonly Skipped[]>([]);
  const queue = useQueueItems();
  const navigate = useNavigate();
  const { settled } = choice;
  const isOne = ids.length === 1;
  const preview = useQuery({ ...dryRunQuery(ids[0] ?? 0, settled ?? {}), enabled: settled !== undefined && isOne });
  const forecast = useQuery({ ...forecastQuery(ids, settled ?? {}), enabled: settled !== undefined && !isOne });
  const names = namesOf(forecast.data?.files ?? []);

  const submit = (wanted: readonly number[], force: boolean) => {
    if (!choice.wish) return;
    const wish = { media_item_ids: [...wanted], ...choice.wish, priority: now ? NOW_PRIORITY : 0, is_dry_run: false };
    const scheduled_after = at(notBefore) ?? null;
    queue.mutate(
      { ...wish, scheduled_after, preferred_worker_id, force },
      {
        onSuccess: answer => {
          const forceable = answer.skipped.filter(one => one.can_force);
          setLeftAlone(forceable);
          if (forceable.length > 0) return sayQueued({ ...answer, skipped: [] });
          sayQueued(answer, names);
          if (answer.jobs_created === 0) return;
          queued();
          void navigate({ to: "/queue" });
        },
      },
    );
  };

  return (
    <Modal opened onClose={close} size="lg" title={`Transcode ${plural(ids.length, "file")} (${bytes(totalSize)})`}>
      <Stack>
        <PresetChooser
          choice={choice}
          refused={refusedBy(queue.error ?? (isOne ? preview.error : forecast.error))}
          sent={queue.error}
          touched={() => {
            // What held them back belongs to what was tried.
            setLeftAlone([]);
            queue.reset();
          }}
        />
        {settled && isOne && <FilePreview id={ids[0] ?? 0} wish={settled} />}
        {settled && !isOne && <FilesPreview ids={ids} wish={settled} />}
        <Switch
          label="Before everything else in the queue"
          checked={now}
          onChange={e => setNow(e.currentTarget.checked)}
        />
        <Schedule local={notBefore} change={setNotBefore} />
        <ServerPicker server_id={preferred_worker_id} change={setServer} item_id={isOne ? ids[0] : undefined} />
        {leftAlone.length > 0 && (
          <Alert color="orange" variant="light">
            <LeftOut groups={skippedOf(leftAlone, names)} title={`${plural(leftAlone.length, "file")} left alone`} />
          </Alert>
        )}
        <Group justify="flex-end" className="dialog-footer">
          <Button variant="default" onClick={close}>
            {leftAlone.length > 0 ? "Leave it so" : "Cancel"}
          </Button>
          {leftAlone.length > 0 ? (
            <Button
              onClick={() =>
                submit(
                  leftAlone.map(one => one.media_item_id),
                  true,
                )
              }
              loading={queue.isPending}
            >
              Queue {plural(leftAlone.length, "job")} all the same
            </Button>
          ) : (
            <Button onClick={() => submit(ids, false)} loading={queue.isPending} disabled={!choice.wish}>
              {forecast.data?.jobs === 0
                ? "Try all the same"
                : `Queue ${plural(forecast.data?.jobs ?? ids.length, "job")}`}
            </Button>
          )}
        </Group>
      </Stack>
    </Modal>
  );
}
