import { Alert, Button, Collapse, Group, Modal, Select, Skeleton, Stack, Switch, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { presetsQuery } from "../../api/presets.ts";
import { dryRunQuery, type JobConfig, useQueueItems } from "../../api/queue.ts";
import type { DryRun, Preset } from "../../api/types.ts";
import { Command } from "../../ui/command.tsx";
import { Failure } from "../../ui/failure.tsx";
import { bytes, duration, percent, plural } from "../../ui/format.ts";
import { PlanView } from "../../ui/plan-view.tsx";
import { showDone, showFailure } from "../../ui/toast.tsx";
import { EncodeFields } from "../presets/fields.tsx";
import { configOf, type EncodeForm, formOf } from "../presets/form.ts";

/** Above everything that was queued without haste, as the contract's own manual jobs. */
const NOW_PRIORITY = 10;
/** A dry run is asked for when the fields come to rest. */
const PREVIEW_PAUSE_MS = 400;

interface TranscodeDialogProps {
  ids: readonly number[];
  totalSize: number;
  close: () => void;
  queued: () => void;
}

/** Files that were done, judged or taken back before: only the user's word brings them into the queue. */
interface LeftAlone {
  ids: readonly number[];
  reason: string;
}

/** Chooses a preset for the chosen items, shows what it would do, and queues them. */
export function TranscodeDialog({ ids, totalSize, close, queued }: TranscodeDialogProps) {
  const presets = useQuery(presetsQuery);
  const [presetId, setPresetId] = useState<number | null>(null);
  const [changed, setChanged] = useState<EncodeForm | null>(null);
  const [now, setNow] = useState(false);
  const queue = useQueueItems();
  const navigate = useNavigate();
  const preset = presets.data?.find(one => one.id === presetId) ?? presets.data?.[0];
  const config: JobConfig = changed ? configOf(changed) : {};

  const [leftAlone, setLeftAlone] = useState<LeftAlone | null>(null);

  const submit = async (wanted: readonly number[], force: boolean) => {
    if (!preset) return;
    const wish = { media_item_ids: [...wanted], preset_id: preset.id, config: changed ? config : null, force };
    const answer = await queue.mutateAsync({ ...wish, priority: now ? NOW_PRIORITY : 0, is_dry_run: false });
    if (answer.jobs_created > 0) showDone(`${plural(answer.jobs_created, "job")} queued.`);
    if (answer.forceable.length > 0) return setLeftAlone({ ids: answer.forceable, reason: answer.reason });
    if (answer.skipped > 0) showFailure(`${plural(answer.skipped, "file")} left out`, answer.reason);
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
              presets={presets.data ?? []}
              preset={preset}
              change={next => {
                setPresetId(next.id);
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
            <Preview ids={ids} preset={preset} config={config} />
          </>
        )}
        <Switch
          label="Before everything else in the queue"
          checked={now}
          onChange={e => setNow(e.currentTarget.checked)}
        />
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
              Queue {plural(ids.length, "job")}
            </Button>
          )}
        </Group>
      </Stack>
    </Modal>
  );
}

interface PresetSelectProps {
  presets: readonly Preset[];
  preset: Preset;
  change: (preset: Preset) => void;
}

function PresetSelect({ presets, preset, change }: PresetSelectProps) {
  return (
    <Select
      label="Preset"
      description={preset.description}
      inputWrapperOrder={["label", "input", "description"]}
      data={presets.map(one => ({ value: String(one.id), label: one.name }))}
      value={String(preset.id)}
      onChange={value => {
        const next = presets.find(one => String(one.id) === value);
        if (next) change(next);
      }}
      allowDeselect={false}
      data-autofocus
    />
  );
}

/** What would happen to the first of the files; the others are planned one by one when they are queued. */
function Preview({ ids, preset, config }: { ids: readonly number[]; preset: Preset; config: JobConfig }) {
  const [settled] = useDebouncedValue(config, PREVIEW_PAUSE_MS);
  const first = ids[0] ?? 0;
  const { data, error, isFetching } = useQuery(dryRunQuery(first, preset.id, settled));
  const [open, setOpen] = useState(false);
  if (error) {
    return (
      <Alert
        color="orange"
        variant="light"
        title={ids.length > 1 ? "The first file cannot be done so" : "It cannot be done so"}
      >
        {error.message}
      </Alert>
    );
  }
  if (!data) return <Skeleton height={60} radius="md" />;
  return (
    <Stack gap="xs" opacity={isFetching ? 0.6 : 1}>
      <Group justify="space-between">
        <Text size="sm">
          {ids.length > 1 ? "The first file: " : "The file: "}
          {estimateOf(data)}
        </Text>
        <Button variant="subtle" size="compact-sm" onClick={() => setOpen(!open)} aria-expanded={open}>
          {open ? "Hide the plan" : "Show the plan"}
        </Button>
      </Group>
      <Collapse expanded={open}>
        <Stack>
          <PlanView plan={data.plan} />
          <Command label="Command" text={data.ffmpeg_command} />
        </Stack>
      </Collapse>
    </Stack>
  );
}

function estimateOf(run: DryRun): string {
  if (run.estimated_output_size == null) return "how small it gets cannot be told beforehand.";
  const saved = run.estimated_reduction_percent == null ? "" : `, ${percent(run.estimated_reduction_percent)} smaller`;
  const time = run.estimated_duration == null ? "" : `, in about ${duration(run.estimated_duration)}`;
  return `about ${bytes(run.estimated_output_size)}${saved}${time}.`;
}
