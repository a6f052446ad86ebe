import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { availableServersQuery } from "../../api/servers.ts";
import type { ServerChoice } from "../../api/types.ts";

interface ServerPickerProps {
  /** The server that was chosen; null for whichever is best. */
  server_id: number | null;
  change: (server_id: number | null) => void;
}

/** Chooses the server for jobs; nothing where there is no choice. */
export function ServerPicker({ server_id, change }: ServerPickerProps) {
  const { data } = useQuery(availableServersQuery);
  if (!data || data.length < 2) return null;
  return (
    <Select
      label="Server"
      description={server_id === null ? "Each job goes where it should be done best" : "The jobs wait for this one"}
      inputWrapperOrder={["label", "input", "description"]}
      data={[
        { value: "", label: "The best one" },
        ...data.map(server => ({ value: String(server.id), label: labelOf(server) })),
      ]}
      value={server_id === null ? "" : String(server_id)}
      onChange={value => change(value ? Number(value) : null)}
      allowDeselect={false}
    />
  );
}

function labelOf(server: ServerChoice): string {
  const facts = [
    server.performance_score !== null && `score ${Math.round(server.performance_score)}`,
    `${server.active_jobs} of ${server.max_concurrent_jobs} running`,
    server.queued_jobs > 0 && `${server.queued_jobs} waiting`,
  ];
  return `${server.name} (${facts.filter(Boolean).join(", ")})`;
}
