import {
  ActionIcon,
  Alert,
  Badge,
  Button,
  Card,
  Collapse,
  Group,
  Progress,
  Skeleton,
  Stack,
  Text,
  Tooltip,
} from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type FileRef, fileDryRunQuery, probeQuery } from "../../api/quick.ts";
import type { Probe } from "../../api/types.ts";
import { bytes, percent } from "../../ui/format.ts";
import { PathText } from "../../ui/path-text.tsx";
import { StreamTable } from "../../ui/stream-table.tsx";
import type { PresetWish } from "../presets/remux.ts";
import { Impossible, PlanOf } from "../transcode/preview.tsx";
import { estimateOf } from "../transcode/totals.ts";
import type { Source } from "./basket.ts";
import { chipsOf } from "./facts.ts";

interface SourceCardProps {
  source: Source;
  /** What is to be done, once that is known. */
  wish: PresetWish | undefined;
  remove: () => void;
}

/** A chosen file: what is in it, and what it would become. */
export function SourceCard({ source, wish, remove }: SourceCardProps) {
  const { name, size, state } = source;
  return (
    <Card padding="sm" component="article" aria-label={name}>
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <div style={{ minWidth: 0, flex: 1 }}>
          <Text fw={600} className="break-anywhere">
            {name}
          </Text>
          {state.kind === "ready" && "file_path" in state.file && (
            <Text size="xs" c="dimmed" component="div">
              <PathText path={state.file.file_path} />
            </Text>
          )}
        </div>
        <Tooltip label={state.kind === "sending" ? "Stop sending" : "Remove"}>
          <ActionIcon variant="subtle" color="gray" onClick={remove} aria-label={`Remove: ${name}`}>
            <IconX size={18} />
          </ActionIcon>
        </Tooltip>
      </Group>
      {state.kind === "waiting" && (
        <Text size="sm" c="dimmed">
          {bytes(size)}, sent after the files before it
        </Text>
      )}
      {state.kind === "sending" && <Sending name={name} size={size} sent={state.sent} />}
      {state.kind === "failed" && (
        <Alert color="red" variant="light" title="It was not sent" mt="xs">
          {state.reason}
        </Alert>
      )}
      {state.kind === "ready" && <Ready file={state.file} wish={wish} />}
    </Card>
  );
}

function Sending({ name, size, sent }: { name: string; size: number; sent: number }) {
  const share = size > 0 ? (sent / size) * 100 : 0;
  return (
    <>
      <Progress.Root size="lg" mt="sm">
        <Progress.Section value={share} animated aria-label={`Sending ${name}`} />
      </Progress.Root>
      <Text size="sm" c="dimmed" mt={4} className="figures">
        {bytes(sent)} of {bytes(size)} sent, {percent(share)}
      </Text>
    </>
  );
}

function Ready({ file, wish }: { file: FileRef; wish: PresetWish | undefined }) {
  const { data, error } = useQuery(probeQuery(file));
  const [open, setOpen] = useState(false);
  if (error) {
    return (
      <Alert color="orange" variant="light" title="It cannot be read" mt="xs">
        {error.message}
      </Alert>
    );
  }
  if (!data) return <Skeleton height={26} mt="xs" radius="md" />;
  return (
    <Stack gap="xs" mt="xs">
      <Chips probe={data} />
      {wish && <Foretold file={file} wish={wish} />}
      <Button
        variant="subtle"
        size="compact-sm"
        mr="auto"
        onClick={() => setOpen(!open)}
        aria-expanded={open}
        aria-label={`${open ? "Hide" : "Show"} the streams of ${data.file_path}`}
      >
        {open ? "Hide the streams" : "Show the streams"}
      </Button>
      <Collapse expanded={open}>{open && <StreamTable streams={data.streams} />}</Collapse>
    </Stack>
  );
}

function Chips({ probe }: { probe: Probe }) {
  return (
    <Group gap={6}>
      {chipsOf(probe).map(chip => (
        <Badge key={chip} variant="default" size="md">
          {chip}
        </Badge>
      ))}
    </Group>
  );
}

/** What the file would become, by the choices below. */
function Foretold({ file, wish }: { file: FileRef; wish: PresetWish }) {
  const { data, error, isFetching } = useQuery(fileDryRunQuery(file, wish));
  const [open, setOpen] = useState(false);
  if (error) return <Impossible reason={error.message} />;
  if (!data) return <Skeleton height={22} radius="md" />;
  return (
    <Stack gap="xs" opacity={isFetching ? 0.6 : 1}>
      <Group justify="space-between" gap="xs">
        <Text size="sm" className="figures break-anywhere">
          <b>{data.output_name}</b>: {estimateOf(data.run)}
        </Text>
        <Button variant="subtle" size="compact-sm" onClick={() => setOpen(!open)} aria-expanded={open}>
          {open ? "Hide the plan" : "Show the plan"}
        </Button>
      </Group>
      <Collapse expanded={open}>{open && <PlanOf run={data.run} wish={wish} />}</Collapse>
    </Stack>
  );
}
