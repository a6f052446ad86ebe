import { Text } from "@mantine/core";
import type { Job } from "../../api/types.ts";
import { PathText } from "../../ui/path-text.tsx";

/** Where a job's file lies: several may have the same title. */
export function JobPath({ job }: { job: Job }) {
  if (!job.source_path) return null;
  return (
    <Text size="xs" c="dimmed" component="div">
      <PathText path={job.source_path} on={job.source_server_name} />
    </Text>
  );
}
