import { Badge, Modal, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { historyQuery } from "../../api/recommendations.ts";
import { Failure } from "../../ui/failure.tsx";
import { bytes, count, took } from "../../ui/format.ts";
import { ListSkeleton } from "../../ui/skeleton.tsx";
import { When } from "../../ui/when.tsx";

/** The last analyses. */
export function HistoryDialog({ close }: { close: () => void }) {
  const { data, error, refetch } = useQuery(historyQuery);
  return (
    <Modal opened onClose={close} title="The last analyses" size="lg">
      {error && <Failure title="The history could not be read" error={error} retry={() => void refetch()} />}
      {!data && !error && <ListSkeleton rows={3} height={36} />}
      {data?.length === 0 && <Text c="dimmed">There was none yet.</Text>}
      {data && data.length > 0 && (
        <Table.ScrollContainer minWidth={520} type="native">
          <Table className="figures">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>When</Table.Th>
                <Table.Th>Took</Table.Th>
                <Table.Th>Files</Table.Th>
                <Table.Th>Recommendations</Table.Th>
                <Table.Th>Could save</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {data.map(run => (
                <Table.Tr key={run.id}>
                  <Table.Td>
                    {run.started_at && <When at={run.started_at} />}{" "}
                    <Badge size="xs" variant="default">
                      {run.library_title ?? run.trigger}
                    </Badge>
                  </Table.Td>
                  <Table.Td>{tookOf(run.started_at, run.completed_at)}</Table.Td>
                  <Table.Td>{count(run.total_items_analyzed)}</Table.Td>
                  <Table.Td>{count(run.recommendations_generated)}</Table.Td>
                  <Table.Td>{bytes(run.total_estimated_savings)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Modal>
  );
}

function tookOf(from: string | null | undefined, to: string | null | undefined): string {
  return from && to ? took((Date.parse(to) - Date.parse(from)) / 1000) : "";
}
