import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { itemDetailsQuery } from "../../api/library.ts";
import { availableServersQuery, estimateQuery } from "../../api/servers.ts";
import type { ServerChoice } from "../../api/types.ts";
import { plural, roughly } from "../../ui/format.ts";

interface ServerPickerProps {
  /** The server that was chosen; null for whichever is best. */
  server_id: number | null;
  change: (server_id: number | null) => void;
  /** The file, where it is only one: then it is told how long a server would take. */
  item_id: number | undefined;
}

/** Chooses the server for jobs; nothing where there is no choice. */
export function ServerPicker({ server_id, change, item_id }: ServerPickerProps) {
  const { data } = useQuery(availableServersQuery);
  if (!data || data.length < 2) return null;
  return (
    <Select
      label="Server"
      description={
        server_id === null ? (
          "Each job goes where it should be done best."
        ) : (
          <>
            The jobs wait for this one. {item_id !== undefined && <Estimate server_id={server_id} item_id={item_id} />}
          </>
        )
      }
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

/** How long a server would take for a file, once it has done something. */
function Estimate({ server_id, item_id }: { server_id: number; item_id: number }) {
  const item = useQuery(itemDetailsQuery(item_id)).data?.item;
  const { data } = useQuery({
    ...estimateQuery(server_id, item?.file_size ?? 0, item?.duration_ms ?? 0),
    enabled: item?.file_size != null && item.duration_ms != null,
  });
  if (data?.estimated_seconds == null) return null;
  return `This file would take about ${roughly(data.estimated_seconds)}, by ${plural(data.based_on_jobs, "job")} that it did.`;
}

function labelOf(server: ServerChoice): string {
  const facts = [
    server.performance_score !== null &&
      !server.is_local &&
      `connection ${Math.round(server.performance_score)} of 100`,
    `${server.active_jobs} of ${server.max_concurrent_jobs} running`,
    server.queued_jobs > 0 && `${server.queued_jobs} waiting`,
  ];
  return `${server.name} (${facts.filter(Boolean).join(", ")})`;
}
