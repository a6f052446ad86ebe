import { Alert, Button, Collapse, Group, Select, Skeleton, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError } from "../../api/error.ts";
import { presetsQuery } from "../../api/presets.ts";
import { dryRunQuery, forecastQuery } from "../../api/queue.ts";
import type { DryRun, Forecast } from "../../api/types.ts";
import { Command } from "../../ui/command.tsx";
import { Failure } from "../../ui/failure.tsx";
import { count, plural } from "../../ui/format.ts";
import { PlanView } from "../../ui/plan-view.tsx";
import { isRemux, type PresetWish, searchesCrf } from "../presets/remux.ts";
import { alreadyMatroska, leftOutOf, namesOf } from "./groups.ts";
import { LeftOut, type LeftOutGroup, Named } from "./left-out.tsx";
import { estimateOf, totalOf } from "./totals.ts";

/** What would happen to one file. */
export function FilePreview({ id, wish }: { id: number; wish: PresetWish }) {
  const { data, error, isFetching } = useQuery(dryRunQuery(id, wish));
  const [open, setOpen] = useState(false);
  if (error) return <Impossible reason={error.message} />;
  if (!data) return <Skeleton height={60} radius="md" />;
  return (
    <Stack gap="xs" opacity={isFetching ? 0.6 : 1}>
      <Headline text={`The file: ${estimateOf(data)}`} open={open} toggle={() => setOpen(!open)} />
      <Collapse expanded={open}>
        <PlanOf run={data} wish={wish} />
      </Collapse>
    </Stack>
  );
}

interface FilesPreviewProps {
  ids: readonly number[];
  wish: PresetWish;
}

/** What would happen to many files: all together, and to each that is looked at. */
export function FilesPreview({ ids, wish }: FilesPreviewProps) {
  const { data, error, isFetching, refetch } = useQuery(forecastQuery(ids, wish));
  const [open, setOpen] = useState(false);
  if (error instanceof ApiError && error.fields.length > 0) return <Impossible reason={error.message} />;
  if (error) return <Failure title="What they come to could not be told" error={error} retry={() => void refetch()} />;
  if (!data) return <Skeleton height={60} radius="md" />;
  const leftOut = leftOutOf(data);
  return (
    <Stack gap="xs" opacity={isFetching ? 0.6 : 1}>
      <Headline text={totalOf(data)} open={open} toggle={() => setOpen(!open)} />
      {isRemux(wish) && <NeedNothing names={alreadyMatroska(data.files)} />}
      {leftOut.length > 0 && <LeftOut groups={leftOut} title={leftOutTitle(leftOut)} />}
      <Collapse expanded={open}>{open && <PlanOfOne ids={ids} forecast={data} wish={wish} />}</Collapse>
    </Stack>
  );
}

function Headline({ text, open, toggle }: { text: string; open: boolean; toggle: () => void }) {
  return (
    <Group justify="space-between">
      <Text size="sm" className="figures">
        {text}
      </Text>
      <Button variant="subtle" size="compact-sm" onClick={toggle} aria-expanded={open}>
        {open ? "Hide the plan" : "Show the plan"}
      </Button>
    </Group>
  );
}

function leftOutTitle(groups: readonly LeftOutGroup[]): string {
  return `${plural(
    groups.reduce((sum, one) => sum + one.files, 0),
    "file",
  )} left out`;
}

/** Says of which files a remux would make what they are already. */
function NeedNothing({ names }: { names: readonly string[] }) {
  if (names.length === 0) return null;
  return (
    <Named names={names} more={0}>
      {plural(names.length, "file needs nothing", "files need nothing")}: Matroska already, a remux leaves them as they
      are
    </Named>
  );
}

/** The plan of one of many files, which the user picks. */
function PlanOfOne({ ids, forecast, wish }: FilesPreviewProps & { forecast: Forecast }) {
  const names = namesOf(forecast.files);
  const isLeftOut = new Set(forecast.files.filter(file => file.left_out_because).map(file => file.media_item_id));
  const sorted = [...names].sort(([, a], [, b]) => a.localeCompare(b));
  const [picked, setPicked] = useState<number | null>(null);
  const first = forecast.files.find(file => file.left_out_because === null) ?? forecast.files[0];
  const id = picked ?? first?.media_item_id;
  if (id === undefined) return null;
  return (
    <Stack>
      <Select
        label="The plan of"
        description={
          ids.length > names.size && `The first ${count(names.size)} of ${count(ids.length)} can be looked at`
        }
        searchable
        allowDeselect={false}
        data={sorted.map(([id, name]) => ({
          value: String(id),
          label: isLeftOut.has(id) ? `${name} (left out)` : name,
        }))}
        value={String(id)}
        onChange={next => next && setPicked(Number(next))}
      />
      <PickedPlan id={id} wish={wish} />
    </Stack>
  );
}

function PickedPlan({ id, wish }: { id: number; wish: PresetWish }) {
  const { data, error } = useQuery(dryRunQuery(id, wish));
  if (error) return <Impossible reason={error.message} />;
  if (!data) return <Skeleton height={120} radius="md" />;
  return (
    <>
      <Text size="sm">This file: {estimateOf(data)}</Text>
      <PlanOf run={data} wish={wish} />
    </>
  );
}

/** The plan of a file, and the command. */
export function PlanOf({ run, wish }: { run: DryRun; wish: PresetWish }) {
  const { data: presets } = useQuery(presetsQuery);
  return (
    <Stack>
      <PlanView plan={run.plan} />
      <div>
        <Command label="Command" text={run.ffmpeg_command} />
        {presets && searchesCrf(wish, presets) && (
          <Text size="sm" c="dimmed" mt={4}>
            The CRF in it is only where the search begins: the job finds its own on samples of the film.
          </Text>
        )}
      </div>
    </Stack>
  );
}

/** In place of a plan, where there is none. */
export function Impossible({ reason }: { reason: string }) {
  return (
    <Alert color="orange" variant="light" title="It cannot be done so">
      {reason}
    </Alert>
  );
}
