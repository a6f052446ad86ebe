import { Alert, Button, Collapse, Group, Modal, Stack, Switch } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { presetsQuery } from "../../api/presets.ts";
import { forecastQuery, useQueueItems } from "../../api/queue.ts";
import type { Preset } from "../../api/types.ts";
import { Failure } from "../../ui/failure.tsx";
import { bytes, plural } from "../../ui/format.ts";
import { EncodeFields } from "../presets/fields.tsx";
import { configOf, type EncodeForm, formOf } from "../presets/form.ts";
import { REMUX, wishOf } from "../presets/remux.ts";
import { PresetSelect } from "../presets/select.tsx";
import { at } from "./instant.ts";
import { FilePreview, FilesPreview } from "./preview.tsx";
import { sayQueued } from "./said.ts";
import { Schedule } from "./schedule.tsx";

/** Above everything that was queued without haste, as the contract's own manual jobs. */
const NOW_PRIORITY = 10;
/** A preview is asked for when the fields come to rest. */
const PREVIEW_PAUSE_MS = 400;

interface TranscodeDialogProps {
  ids: readonly number[];
  totalSize: number;
  /** Name of the preset to begin with; the first otherwise. */
  startWith?: string;
  close: () => void;
  queued: () => void;
}

/** Files that were done, judged or taken back before: only the user's word brings them into the queue. */
interface LeftAlone {
  ids: readonly number[];
  reason: string;
}

/** Chooses a preset for the chosen items, shows what it would do, and queues them. */
export function TranscodeDialog({ ids, totalSize, startWith, close, queued }: TranscodeDialogProps) {
  const presets = useQuery(presetsQuery);
  const [chosen, setChosen] = useState<Preset | null>(null);
  const [changed, setChanged] = useState<EncodeForm | null>(null);
  const [now, setNow] = useState(false);
  const [notBefore, setNotBefore] = useState<string | null>(null);
  const [leftAlone, setLeftAlone] = useState<LeftAlone | null>(null);
  const queue = useQueueItems();
  const navigate = useNavigate();
  const preset = chosen ?? presets.data?.find(one => one.name === startWith) ?? presets.data?.[0];
  const [settled] = useDebouncedValue(changed, PREVIEW_PAUSE_MS);
  const shown = preset && wishOf(preset, changed && settled && configOf(settled));
  const isOne = ids.length === 1;
  const forecast = useQuery({
    ...forecastQuery(ids, shown ?? {}),
    enabled: shown !== undefined && !isOne,
  });

  const submit = async (wanted: readonly number[], force: boolean) => {
    if (!preset) return;
    const wish = { media_item_ids: [...wanted], ...wishOf(preset, changed && configOf(changed)), force };
    const scheduled_after = at(notBefore) ?? null;
    const answer = await queue.mutateAsync({
      ...wish,
      priority: now ? NOW_PRIORITY : 0,
      is_dry_run: false,
      scheduled_after,
    });
    if (answer.forceable.length > 0) {
      sayQueued({ ...answer, skipped: 0 });
      return setLeftAlone({ ids: answer.forceable, reason: answer.reason });
    }
    sayQueued(answer);
    if (answer.jobs_created === 0) return;
    queued();
    void navigate({ to: "/queue" });
  };

  return (
    <Modal opened onClose={close} size="lg" title={`Transcode ${plural(ids.length, "file")} (${bytes(totalSize)})`}>
      <Stack>
        {presets.error && (
          <Failure title="The presets could not be read" error={presets.error} retry={() => void presets.refetch()} />
        )}
        {preset && (
          <>
            <PresetSelect
              presets={[...(presets.data ?? []), REMUX]}
              preset={preset}
              change={next => {
                setChosen(next);
                setChanged(null);
                // What held them back belongs to the preset that was tried.
                setLeftAlone(null);
              }}
            />
            <Switch
              label="Change it for these files"
              checked={changed != null}
              onChange={event => setChanged(event.currentTarget.checked ? formOf(preset) : null)}
            />
            <Collapse expanded={changed != null}>
              {changed && <EncodeFields form={changed} change={setChanged} />}
            </Collapse>
            {shown && isOne && <FilePreview id={ids[0] ?? 0} wish={shown} />}
            {shown && !isOne && <FilesPreview ids={ids} wish={shown} />}
          </>
        )}
        <Switch
          label="Before everything else in the queue"
          checked={now}
          onChange={e => setNow(e.currentTarget.checked)}
        />
        <Schedule local={notBefore} change={setNotBefore} />
        {leftAlone && (
          <Alert color="orange" variant="light" title={`${plural(leftAlone.ids.length, "file")} left alone`}>
            {leftAlone.reason}
          </Alert>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {leftAlone ? "Leave it so" : "Cancel"}
          </Button>
          {leftAlone ? (
            <Button onClick={() => void submit(leftAlone.ids, true)} loading={queue.isPending}>
              Queue {plural(leftAlone.ids.length, "job")} all the same
            </Button>
          ) : (
            <Button onClick={() => void submit(ids, false)} loading={queue.isPending} disabled={!preset}>
              Queue {plural(forecast.data?.jobs || ids.length, "job")}
            </Button>
          )}
        </Group>
      </Stack>
    </Modal>
  );
}
