import { Badge, Button, Stack, Table } from "@mantine/core";
import { IconShieldCheck } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { auditQuery } from "../../api/access.ts";
import { Empty } from "../../ui/empty.tsx";
import { Failure } from "../../ui/failure.tsx";
import { exact } from "../../ui/format.ts";
import { ListSkeleton } from "../../ui/skeleton.tsx";

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
      <Table.ScrollContainer minWidth={620} type="native">
        <Table verticalSpacing={6} aria-label="Access">
          <Table.Thead>
            <Table.Tr>
              <Table.Th w={190}>When</Table.Th>
              <Table.Th>What</Table.Th>
              <Table.Th>Who</Table.Th>
              <Table.Th>Detail</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {entries.map(entry => (
              <Table.Tr key={entry.id}>
                <Table.Td className="figures">{exact(entry.timestamp)}</Table.Td>
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
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {hasNextPage && (
        <Button variant="default" mx="auto" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          Show older ones
        </Button>
      )}
    </Stack>
  );
}
