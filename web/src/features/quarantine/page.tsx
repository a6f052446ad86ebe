import { Badge, Button, Card, Group, List, Stack, Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { IconArrowBackUp, IconLifebuoy, IconTrash } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useRef, useState } from "react";
import { quarantineQuery, restore, usePurge } from "../../api/quarantine.ts";
import type { Original } from "../../api/types.ts";
import { Empty } from "../../ui/empty.tsx";
import { Failure } from "../../ui/failure.tsx";
import { ago, bytes, date, plural } from "../../ui/format.ts";
import { Page } from "../../ui/page.tsx";
import { RestoreDialog } from "../../ui/restore-dialog.tsx";
import { ListSkeleton } from "../../ui/skeleton.tsx";
import { sayWhenDone } from "../../ui/toast.tsx";
import classes from "./page.module.css";

/** A guess that the list begins with; every card is measured. */
const CARD_PX = 128;

/** Originals that were replaced and can still be put back. */
export function QuarantinePage() {
  const { data, error, refetch } = useQuery(quarantineQuery);
  const [restoring, setRestoring] = useState<Original | null>(null);
  const due = data?.items.filter(one => one.is_due) ?? [];
  return (
    <Page
      title="Quarantine"
      subtitle={data && `${plural(data.total, "original")}, ${bytes(data.total_size)}`}
      actions={due.length > 0 && <PurgeButton due={due} />}
    >
      {error && <Failure title="The quarantine could not be read" error={error} retry={() => void refetch()} />}
      {!data && !error && <ListSkeleton rows={4} height={CARD_PX} />}
      {data?.total === 0 && (
        <Empty icon={IconLifebuoy} title="No originals wait here">
          When a file is replaced, its original is kept here for some days and can be put back by one click.
        </Empty>
      )}
      {data && data.total > 0 && <Originals items={data.items} restore={setRestoring} />}
      {restoring && (
        <RestoreDialog
          title={restoring.title}
          restore={beside => restore(restoring.id, beside)}
          close={() => setRestoring(null)}
        />
      )}
    </Page>
  );
}

interface OriginalsProps {
  items: readonly Original[];
  restore: (original: Original) => void;
}

/** The list, of which only what is in sight exists. */
function Originals({ items, restore }: OriginalsProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => CARD_PX,
    getItemKey: index => items[index]?.id ?? index,
    overscan: 6,
  });
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard
    <section ref={scroller} className={classes.scroller} tabIndex={0} aria-label="Originals">
      <div className={classes.list} style={{ height: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map(({ index, key, start }) => {
          const original = items[index];
          return (
            original && (
              <div
                key={key}
                ref={virtualizer.measureElement}
                data-index={index}
                className={classes.place}
                style={{ transform: `translateY(${start}px)` }}
              >
                <OriginalCard original={original} restore={() => restore(original)} />
              </div>
            )
          );
        })}
      </div>
    </section>
  );
}

function OriginalCard({ original, restore }: { original: Original; restore: () => void }) {
  return (
    <Card component="article" aria-label={original.title} padding="sm">
      <Group justify="space-between" align="flex-start" wrap="nowrap">
        <Stack gap={2} style={{ minWidth: 0 }}>
          <Group gap={8}>
            <Text fw={600} className="break-anywhere">
              {original.title}
            </Text>
            <Badge size="sm" variant="default" className="figures">
              {original.size == null ? "not there" : bytes(original.size)}
            </Badge>
            {original.is_due && (
              <Badge size="sm" color="orange" variant="light">
                Due
              </Badge>
            )}
          </Group>
          <Text size="xs" c="dimmed" className="break-anywhere">
            {original.server_name && `on ${original.server_name} · `}
            {original.original_path}
          </Text>
          <Text size="sm">
            {original.is_due ? "It was to be kept until" : "Kept until"} {date(original.held_until)} (
            {ago(original.held_until)})
          </Text>
          {original.kept_because && (
            <Text size="sm" c="orange">
              Kept, because {original.kept_because}
            </Text>
          )}
        </Stack>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconArrowBackUp size={16} aria-hidden />}
          onClick={restore}
          style={{ flexShrink: 0 }}
          aria-label={`Restore ${original.title}`}
        >
          Restore
        </Button>
      </Group>
    </Card>
  );
}

function PurgeButton({ due }: { due: readonly Original[] }) {
  const purge = usePurge();
  const size = due.reduce((sum, one) => sum + (one.size ?? 0), 0);
  const ask = () =>
    modals.openConfirmModal({
      title: "Remove these originals for good?",
      children: (
        <Text size="sm">
          {plural(due.length, "original")} ({bytes(size)}) stayed as long as they were to be kept. Each is removed only
          if its replacement is still whole. This cannot be undone.
        </Text>
      ),
      labels: { confirm: "Remove for good", cancel: "Keep them" },
      confirmProps: { color: "red" },
      onConfirm: () =>
        sayWhenDone(purge.mutateAsync(), told => {
          if (told.kept.length > 0) showKept(told.kept);
          return `${plural(told.purged, "original")} removed, ${bytes(told.freed_bytes)} free again.`;
        }),
    });
  return (
    <Button
      color="red"
      variant="light"
      leftSection={<IconTrash size={16} aria-hidden />}
      loading={purge.isPending}
      onClick={ask}
    >
      Purge what is due ({bytes(size)})
    </Button>
  );
}

/** Says which originals stayed although their time has come. */
function showKept(kept: readonly { id: string; reason: string }[]) {
  modals.open({
    title: `${plural(kept.length, "original")} stayed`,
    children: (
      <List size="sm">
        {kept.map(one => (
          <List.Item key={one.id}>{one.reason}</List.Item>
        ))}
      </List>
    ),
  });
}
