import { Badge, Table, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { serverStatusQuery } from "../../api/servers.ts";
import type { Server } from "../../api/types.ts";
import { useFps } from "../../live/progress.ts";
import { useServerMetrics } from "../../live/servers.ts";
import { bitrate, memory } from "../../ui/format.ts";
import { useRunningJobs } from "./runs.tsx";
import { ScoreBadge } from "./score.tsx";
import classes from "./servers.module.css";
import { isHeard, isSilent, isStorage, stateOf } from "./status.ts";

const COLUMNS = ["Server", "Status", "Running", "Speed", "CPU", "GPU", "Memory", "Upload", "Download", "Connection"];

/** The servers side by side. */
export function CompareTable({ servers }: { servers: readonly Server[] }) {
  return (
    <section aria-label="Comparison">
      <Title order={2} size="h4" mb="xs">
        Side by side
      </Title>
      <Table.ScrollContainer minWidth={900} type="native">
        <Table verticalSpacing={8} className={`${classes.compare} figures`} aria-label="Servers side by side">
          <Table.Thead>
            <Table.Tr>
              {COLUMNS.map(column => (
                <Table.Th key={column}>{column}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {servers.map(server => (
              <Row key={server.id} server={server} />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </section>
  );
}

function Row({ server }: { server: Server }) {
  const { data: status } = useQuery(serverStatusQuery(server.id));
  const last = useServerMetrics(server.id) ?? status;
  // What one that is away felt like before says nothing.
  const metrics = isHeard(server) ? last : undefined;
  const jobs = useRunningJobs().filter(job => job.worker_server_id === server.id);
  const fps = useFps(jobs);
  const state = stateOf(server);
  const percent = (value: number | null | undefined) => (value == null ? "–" : `${Math.round(value)} %`);
  const mbps = (value: number | null | undefined) => (value == null ? "–" : bitrate(value * 1000));
  return (
    <Table.Tr>
      <Table.Th scope="row" fw={500} className="break-anywhere">
        {server.name}
      </Table.Th>
      <Table.Td>
        <Badge size="sm" variant="light" color={state.color} miw="max-content">
          {state.word}
        </Badge>
      </Table.Td>
      <Table.Td>{isStorage(server) ? "–" : `${server.active_jobs} of ${server.max_concurrent_jobs}`}</Table.Td>
      <Table.Td>{!isSilent(server) && fps > 0 ? `${fps.toFixed(1)} fps` : "–"}</Table.Td>
      <Table.Td>{percent(metrics?.cpu_percent)}</Table.Td>
      <Table.Td>{percent(metrics?.gpu_percent)}</Table.Td>
      <Table.Td>{server.ram_gb == null ? "–" : memory(server.ram_gb)}</Table.Td>
      <Table.Td>{mbps(server.upload_mbps)}</Table.Td>
      <Table.Td>{mbps(server.download_mbps)}</Table.Td>
      <Table.Td>
        {server.performance_score === null || server.is_local ? (
          "–"
        ) : (
          <ScoreBadge score={server.performance_score} short />
        )}
      </Table.Td>
    </Table.Tr>
  );
}
