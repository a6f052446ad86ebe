import { Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { planQuery } from "../../../api/queue.ts";
import { Command } from "../../../ui/command.tsx";
import { Failure } from "../../../ui/failure.tsx";
import { PlanView } from "../../../ui/plan-view.tsx";
import { ListSkeleton } from "../../../ui/skeleton.tsx";

/** What was decided for every stream, and the command that does it. */
export function PlanPart({ id }: { id: number }) {
  const { data, error, refetch } = useQuery(planQuery(id));
  if (error) return <Failure title="The plan could not be read" error={error} retry={() => void refetch()} />;
  if (!data) return <ListSkeleton rows={3} />;
  return (
    <Stack>
      <Text size="sm">Preset: {data.preset}</Text>
      {data.plan ? <PlanView plan={data.plan} /> : <Text c="dimmed">It was refused before it had a plan.</Text>}
      {data.command && <Command label="Command" text={data.command} />}
    </Stack>
  );
}
