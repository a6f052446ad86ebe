import { Anchor, Badge, Group, Select, Stack, Table, Text } from "@mantine/core";
import { IconFileOff } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { logsQuery } from "../../api/logs.ts";
import { Empty } from "../../ui/empty.tsx";
import { Failure } from "../../ui/failure.tsx";
import { count, exact } from "../../ui/format.ts";
import { LogTable } from "../../ui/log-table.tsx";
import { SearchField } from "../../ui/search-field.tsx";
import { ListSkeleton } from "../../ui/skeleton.tsx";

const COLORS: Record<string, string> = { ERROR: "red", WARNING: "orange", INFO: "accent", DEBUG: "gray" };

const COLUMNS = [{ name: "When", width: 190 }, { name: "Level", width: 100 }, { name: "Message" }] as const;

/** The program's own log, the newest line first, read again every two seconds. */
export function ProgramLog() {
  const [level, setLevel] = useState<string | null>(null);
  const [search, setSearch] = useState("");
  const { data, error, refetch } = useQuery({ ...logsQuery(level), placeholderData: keepPreviousData });
  const wanted = search.toLowerCase();
  const lines = data?.items.filter(line => `${line.logger} ${line.message}`.toLowerCase().includes(wanted)) ?? [];
  return (
    <Stack>
      <Group>
        <Select
          aria-label="Level"
          placeholder="All levels"
          clearable
          clearButtonProps={{ "aria-label": "All levels" }}
          w={150}
          data={["ERROR", "WARNING", "INFO", "DEBUG"]}
          value={level}
          onChange={setLevel}
        />
        <SearchField label="Search the lines" value={search} search={setSearch} />
        <Anchor href="/api/logs/export" download size="sm">
          Download the log
        </Anchor>
        {data && (
          <Text size="sm" c="dimmed" className="figures">
            {count(lines.length)} of {count(data.total)} lines
          </Text>
        )}
      </Group>
      {error && <Failure title="The log could not be read" error={error} retry={() => void refetch()} />}
      {!data && !error && <ListSkeleton rows={10} height={26} />}
      {data && lines.length === 0 && (
        <Empty
          icon={IconFileOff}
          title={data.total === 0 && level === null ? "Nothing was logged yet" : "No such line"}
        >
          {data.total === 0 && level === null
            ? "What the program does, and what goes wrong, shows here."
            : "Choose another level, or search for something else."}
        </Empty>
      )}
      {lines.length > 0 && (
        <LogTable label="Log lines" columns={COLUMNS}>
          {lines.map((line, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity, and several may be equal
            <Table.Tr key={place}>
              <Table.Td>{exact(line.timestamp)}</Table.Td>
              <Table.Td>
                <Badge size="sm" variant="light" color={COLORS[line.level] ?? "gray"}>
                  {line.level}
                </Badge>
              </Table.Td>
              <Table.Td className="break-anywhere">
                <Text size="xs" c="dimmed" className="mono">
                  {line.logger}
                </Text>
                <Text size="sm">{line.message}</Text>
              </Table.Td>
            </Table.Tr>
          ))}
        </LogTable>
      )}
    </Stack>
  );
}
