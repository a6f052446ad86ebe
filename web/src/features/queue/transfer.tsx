import { Group, Progress, Text } from "@mantine/core";
import type { Transfer } from "../../live/progress.ts";
import { bytes, clock } from "../../ui/format.ts";
import { speedOf } from "./speed.ts";

interface TransferBarProps {
  transfer: Transfer;
  /** Whether the job still waits, and its source goes before it. */
  isAhead?: boolean;
}

/** How far a file is on its way to a server, or back. */
export function TransferBar({ transfer, isAhead = false }: TransferBarProps) {
  const says = isAhead ? "Sent ahead" : transfer.direction === "download" ? "Fetching" : "Sending";
  const facts = [
    `${bytes(transfer.bytes_transferred)} of ${bytes(transfer.total_bytes)}`,
    speedOf(transfer.speed),
    transfer.eta_seconds ? `${clock(transfer.eta_seconds)} left` : null,
  ];
  return (
    <div>
      <Group justify="space-between" gap={8} mt={8}>
        <Text size="xs">
          {says}
          {transfer.label && `: ${transfer.label}`}
        </Text>
        <Text size="xs" c="dimmed" className="figures">
          {facts.filter(Boolean).join(" · ")}
        </Text>
      </Group>
      <Progress.Root size="sm" mt={4}>
        <Progress.Section value={transfer.progress} color="violet" animated aria-label={says} />
      </Progress.Root>
    </div>
  );
}
