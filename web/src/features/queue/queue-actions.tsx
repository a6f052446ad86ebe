import { Button, Checkbox, Menu, Stack, Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { IconDots, IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import { useState } from "react";
import { useClearCache, useClearJobs, usePauseQueue } from "../../api/queue.ts";
import type { QueueStats } from "../../api/types.ts";
import { bytes, plural } from "../../ui/format.ts";
import { sayWhenDone, showDone } from "../../ui/toast.tsx";

/** What can be done with the whole queue. */
export function QueueActions({ stats }: { stats: QueueStats }) {
  const pause = usePauseQueue();
  const clearCache = useClearCache();
  const Icon = stats.paused ? IconPlayerPlay : IconPlayerPause;
  return (
    <>
      <Button
        variant={stats.paused ? "filled" : "default"}
        leftSection={<Icon size={16} aria-hidden />}
        loading={pause.isPending}
        onClick={() => pause.mutate(!stats.paused)}
      >
        {stats.paused ? "Go on" : "Pause all"}
      </Button>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" px="xs" aria-label="More">
            <IconDots size={18} />
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => modals.open({ title: "Clear jobs away", children: <ClearJobs /> })}>
            Clear jobs away…
          </Menu.Item>
          <Menu.Item
            onClick={() =>
              sayWhenDone(
                clearCache.mutateAsync(),
                told => `${plural(told.files_deleted, "working file")} removed, ${bytes(told.bytes_freed)} free again.`,
              )
            }
          >
            Remove unused working files
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </>
  );
}

/** Asks which jobs to clear away. */
function ClearJobs() {
  const clear = useClearJobs();
  const [all, setAll] = useState(false);
  const run = () =>
    clear.mutate(all, {
      onSuccess: ({ deleted }) => {
        modals.closeAll();
        showDone(`${plural(deleted, "job")} cleared away.`);
      },
    });
  return (
    <Stack>
      <Text size="sm">
        Completed, failed and cancelled jobs leave the list, but for results of uploads that were not downloaded yet.
        Their proofs, the originals in quarantine and the savings stay.
      </Text>
      <Checkbox
        label="Also cancel and clear what waits or runs"
        checked={all}
        onChange={event => setAll(event.currentTarget.checked)}
      />
      <Button color={all ? "red" : "accent"} loading={clear.isPending} onClick={run} ml="auto">
        {all ? "Clear all jobs" : "Clear finished jobs"}
      </Button>
    </Stack>
  );
}
