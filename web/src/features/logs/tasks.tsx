import { Badge, Card, Group, SimpleGrid, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { tasksQuery } from "../../api/logs.ts";
import type { Task } from "../../api/types.ts";
import { Failure } from "../../ui/failure.tsx";
import { ListSkeleton } from "../../ui/skeleton.tsx";
import { When } from "../../ui/when.tsx";

const COLORS: Record<string, string> = {
  running: "accent",
  idle: "gray",
  waiting: "yellow",
  failed: "red",
  stopped: "orange",
};

/** What runs by itself, and how it stands. */
export function BackgroundTasks() {
  const { data, error, refetch } = useQuery(tasksQuery);
  if (error) return <Failure title="The tasks could not be read" error={error} retry={() => void refetch()} />;
  if (!data) return <ListSkeleton rows={4} height={90} />;
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }}>
      {data.map(task => (
        <TaskCard key={task.name} task={task} />
      ))}
    </SimpleGrid>
  );
}

function TaskCard({ task }: { task: Task }) {
  return (
    <Card component="article" aria-label={task.name}>
      <Group justify="space-between">
        <Text fw={600} tt="capitalize">
          {task.name}
        </Text>
        <Badge variant="light" color={COLORS[task.state] ?? "gray"}>
          {task.state}
        </Badge>
      </Group>
      <Text size="sm" c="dimmed">
        {task.description}
      </Text>
      {task.detail && <Text size="sm">{task.detail}</Text>}
      <Text size="xs" c="dimmed" mt={4}>
        {task.last_started_at && (
          <>
            Last began <When at={task.last_started_at} />
          </>
        )}
        {task.next_run_at && (
          <>
            {" · next "}
            <When at={task.next_run_at} />
          </>
        )}
      </Text>
      {task.last_error && (
        <Text size="sm" c="red" className="break-anywhere">
          Last failure: {task.last_error}
        </Text>
      )}
    </Card>
  );
}
