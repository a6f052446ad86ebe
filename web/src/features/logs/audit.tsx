import { Badge, Button, Stack, Table } from "@mantine/core";
import { IconShieldCheck } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { auditQuery } from "../../api/access.ts";
import { Empty } from "../../ui/empty.tsx";
import { Failure } from "../../ui/failure.tsx";
import { exact } from "../../ui/format.ts";
import { LogTable } from "../../ui/log-table.tsx";
import { ListSkeleton } from "../../ui/skeleton.tsx";

const COLUMNS = [{ name: "When", width: 190 }, { name: "What" }, { name: "Who" }, { name: "Detail" }] as const;

/** Who came in, who was refused, and who did what cannot be undone; the newest first. */
export function AuditLog() {
  const { data, error, refetch, fetchNextPage, hasNextPage, isFetchingNextPage } = useInfiniteQuery(auditQuery);
  if (error) return <Failure title="The access log could not be read" error={error} retry={() => void refetch()} />;
  if (!data) return <ListSkeleton rows={8} height={30} />;
  const entries = data.pages.flatMap(page => page.entries);
  if (entries.length === 0) {
    return (
      <Empty icon={IconShieldCheck} title="Nothing yet">
        Logins, refused requests and everything that cannot be undone show here.
      </Empty>
    );
  }
  return (
    <Stack>
      <LogTable label="Access" columns={COLUMNS}>
        {entries.map(entry => (
          <Table.Tr key={entry.id}>
            <Table.Td>{exact(entry.timestamp)}</Table.Td>
            <Table.Td>
              <Badge variant="light" color={entry.refused ? "red" : "gray"} tt="none">
                {entry.action}
              </Badge>
            </Table.Td>
            <Table.Td className="break-anywhere">
              {entry.actor}
              {entry.address && ` (${entry.address})`}
            </Table.Td>
            <Table.Td className="break-anywhere">{entry.detail}</Table.Td>
          </Table.Tr>
        ))}
      </LogTable>
      {hasNextPage && (
        <Button variant="default" mx="auto" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          Show older ones
        </Button>
      )}
    </Stack>
  );
}
