import { Badge, Button, Code, Stack, Table } from "@mantine/core";
import { IconHistory } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { newestEventsQuery } from "../../api/logs.ts";
import { Empty } from "../../ui/empty.tsx";
import { Failure } from "../../ui/failure.tsx";
import { exact } from "../../ui/format.ts";
import { LogTable } from "../../ui/log-table.tsx";
import { ListSkeleton } from "../../ui/skeleton.tsx";
import { sentenceOf } from "./sentence.ts";

/** Events that show first, and that each press of the button adds. */
const STEP = 100;
/** The API gives so many at once. */
const MOST = 1000;

const COLUMNS = [
  { name: "No.", width: 80 },
  { name: "When", width: 190 },
  { name: "Event", width: 230 },
  { name: "What" },
] as const;

/** Everything that happened, the newest first, live. */
export function EventLog() {
  const [limit, setLimit] = useState(STEP);
  const { data, error, refetch } = useQuery({ ...newestEventsQuery(limit), placeholderData: keepPreviousData });
  if (error) return <Failure title="The events could not be read" error={error} retry={() => void refetch()} />;
  if (!data) return <ListSkeleton rows={10} height={30} />;
  if (data.events.length === 0) {
    return (
      <Empty icon={IconHistory} title="Nothing happened yet">
        Scans, analyses and every step of every job show here.
      </Empty>
    );
  }
  return (
    <Stack>
      <LogTable label="Events" columns={COLUMNS}>
        {data.events.map(event => (
          <Table.Tr key={event.seq}>
            <Table.Td c="dimmed">{event.seq}</Table.Td>
            <Table.Td>{exact(event.timestamp)}</Table.Td>
            <Table.Td>
              <Badge variant="light" color={colorOf(event.event)} tt="none">
                {event.event}
              </Badge>
            </Table.Td>
            <Table.Td className="break-anywhere">
              {sentenceOf(event.event, event.data) ?? <Code>{JSON.stringify(event.data)}</Code>}
            </Table.Td>
          </Table.Tr>
        ))}
      </LogTable>
      {data.has_more && limit < MOST && (
        <Button variant="default" mx="auto" onClick={() => setLimit(Math.min(limit + 2 * STEP, MOST))}>
          Show older ones
        </Button>
      )}
    </Stack>
  );
}

function colorOf(event: string): string {
  if (/failed$/.test(event)) return "red";
  return /completed$/.test(event) ? "teal" : "gray";
}
