import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { logQuery } from "../../../api/queue.ts";
import { useJobLog } from "../../../live/progress.ts";
import { Command } from "../../../ui/command.tsx";
import { Failure } from "../../../ui/failure.tsx";
import { ListSkeleton } from "../../../ui/skeleton.tsx";

/** The log as it was when the page opened, and what came live since; its end stays in view while it grows. */
export function LogPart({ id }: { id: number }) {
  const { data, error, refetch } = useQuery({ ...logQuery(id), staleTime: 0 });
  const live = useJobLog(id);
  if (error) return <Failure title="The log could not be read" error={error} retry={() => void refetch()} />;
  if (!data) return <ListSkeleton rows={3} />;
  const text = [data.log.trimEnd(), ...(data.is_live ? (live ?? []) : [])].filter(Boolean).join("\n");
  if (!text) {
    return (
      <Text c="dimmed" size="sm">
        The encoder has said nothing{data.is_live ? " so far" : ""}.
      </Text>
    );
  }
  return (
    <Command
      label={data.is_live ? "The encoder's log, live" : "The encoder's log"}
      text={text}
      maxHeight={520}
      follows={data.is_live}
    />
  );
}
