import { Button, Group, Modal, Stack, Table, Text, Tooltip } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { benchmarksQuery, useBenchmarkServer } from "../../api/servers.ts";
import type { Benchmark, Server } from "../../api/types.ts";
import { useBenchmark } from "../../live/servers.ts";
import { Failure } from "../../ui/failure.tsx";
import { bitrate } from "../../ui/format.ts";
import { ListSkeleton } from "../../ui/skeleton.tsx";
import { When } from "../../ui/when.tsx";
import { Activity } from "./activity.tsx";
import { SCORE_NOTE } from "./score.tsx";
import classes from "./servers.module.css";
import { benchmarkStep } from "./steps.ts";

/** What was measured of a server, and one measurement more. */
export function BenchmarksDialog({ server, close }: { server: Server; close: () => void }) {
  const { data, error, refetch } = useQuery(benchmarksQuery(server.id));
  const live = useBenchmark(server.id);
  const run = useBenchmarkServer();
  const canRun = server.is_enabled && server.status === "online" && !live;
  return (
    <Modal opened onClose={close} size="xl" title={`Benchmarks of ${server.name}`}>
      <Stack>
        {live && <Activity what="Benchmark" says={benchmarkStep(live.step)} progress={live.progress} />}
        {error && <Failure title="The benchmarks could not be read" error={error} retry={() => void refetch()} />}
        {!data && !error && <ListSkeleton rows={3} height={32} />}
        {data?.length === 0 && (
          <Text size="sm" c="dimmed">
            Nothing was measured yet. A benchmark sends and fetches {server.is_local ? "nothing" : "some bytes"} and
            encodes a few seconds with every encoder.
          </Text>
        )}
        {data && data.length > 0 && <History benchmarks={data} isLocal={server.is_local} />}
        <Group justify="flex-end" className="dialog-footer">
          <Button variant="default" onClick={close}>
            Close
          </Button>
          <Button disabled={!canRun} loading={run.isPending} onClick={() => run.mutate(server.id)}>
            Measure now
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function History({ benchmarks, isLocal }: { benchmarks: readonly Benchmark[]; isLocal: boolean }) {
  return (
    <Table.ScrollContainer minWidth={isLocal ? 420 : 760} type="native">
      <Table verticalSpacing={6} className={`${classes.history} figures`} aria-label="Benchmarks">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>When</Table.Th>
            {!isLocal && (
              <>
                <Table.Th>
                  <Tooltip label={SCORE_NOTE} multiline maw={320}>
                    <span>Connection</span>
                  </Tooltip>
                </Table.Th>
                <Table.Th>Upload</Table.Th>
                <Table.Th>Download</Table.Th>
                <Table.Th>Latency</Table.Th>
              </>
            )}
            <Table.Th>Encoders</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {benchmarks.map(one => (
            <Table.Tr key={one.id}>
              <Table.Td>{one.started_at && <When at={one.started_at} />}</Table.Td>
              {!isLocal && (
                <>
                  <Table.Td>
                    {one.performance_score == null ? "–" : `${Math.round(one.performance_score)} of 100`}
                  </Table.Td>
                  <Table.Td>{one.upload_mbps == null ? "–" : bitrate(one.upload_mbps * 1000)}</Table.Td>
                  <Table.Td>{one.download_mbps == null ? "–" : bitrate(one.download_mbps * 1000)}</Table.Td>
                  <Table.Td>{one.latency_ms == null ? "–" : `${one.latency_ms.toFixed(1)} ms`}</Table.Td>
                </>
              )}
              <Table.Td className="break-anywhere">
                <Encoders benchmark={one} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Encoders({ benchmark }: { benchmark: Benchmark }) {
  if (benchmark.status !== "failed") return benchmark.encoders.map(said).join(", ") || "…";
  return (
    <Text size="sm" c="red">
      Failed: {benchmark.error_message}
    </Text>
  );
}

function said({ encoder, fps }: Benchmark["encoders"][number]): string {
  return `${encoder} ${Math.round(fps)} fps`;
}
