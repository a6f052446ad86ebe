import { Badge, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { attemptsQuery } from "../../../api/queue.ts";
import { Command } from "../../../ui/command.tsx";
import { Failure } from "../../../ui/failure.tsx";
import { took } from "../../../ui/format.ts";
import { ListSkeleton } from "../../../ui/skeleton.tsx";
import { When } from "../../../ui/when.tsx";

/** Every try at every step, how it ended, and what it ran. */
export function AttemptsPart({ id }: { id: number }) {
  const { data, error, refetch } = useQuery(attemptsQuery(id));
  if (error) return <Failure title="The attempts could not be read" error={error} retry={() => void refetch()} />;
  if (!data) return <ListSkeleton rows={3} />;
  if (data.length === 0) return <Text c="dimmed">Nothing was tried yet.</Text>;
  return (
    <Stack>
      {data.map(attempt => (
        <Stack key={attempt.id} gap="xs">
          <Group gap={8}>
            <Text fw={600} size="sm">
              {attempt.task}
            </Text>
            <Badge size="sm" variant="default">
              {attempt.state}
            </Badge>
            <Text size="sm" c="dimmed">
              {attempt.worker_name && `on ${attempt.worker_name}, `}
              <When at={attempt.started_at} />
              {attempt.ended_at &&
                `, took ${took((Date.parse(attempt.ended_at) - Date.parse(attempt.started_at)) / 1000)}`}
            </Text>
          </Group>
          {attempt.encoder && (
            <Text size="sm" c="dimmed" className="break-anywhere">
              {[
                attempt.encoder,
                attempt.pixel_format,
                attempt.decoder && `decoded by ${attempt.decoder}`,
                ...attempt.encoder_notes,
              ]
                .filter(Boolean)
                .join(" · ")}
            </Text>
          )}
          {attempt.end && attempt.state !== "done" && (
            <Text size="sm" className="break-anywhere">
              {attempt.end}
            </Text>
          )}
          {attempt.command && <Command label="Command" text={attempt.command} />}
          {attempt.log && <Command label="End of the log" text={attempt.log} />}
        </Stack>
      ))}
    </Stack>
  );
}
