import { Badge, Group, Table, Text } from "@mantine/core";
import type { Stream } from "../api/types.ts";
import { bitrate } from "./format.ts";

/** The streams of a file, one a row. */
export function StreamTable({ streams }: { streams: readonly Stream[] }) {
  return (
    <Table verticalSpacing={6} withTableBorder>
      <Table.Tbody>
        {streams.map(stream => (
          <Table.Tr key={stream.index}>
            <Table.Td w={40} c="dimmed">
              {stream.index}
            </Table.Td>
            <Table.Td>
              <StreamCell stream={stream} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

/** One stream: what it is, and what is to be said of it. */
export function StreamCell({ stream }: { stream: Stream }) {
  return (
    <>
      <Group gap={6}>
        <Text size="sm" fw={600}>
          {stream.codec}
        </Text>
        <Text size="xs" c="dimmed">
          {stream.kind}
        </Text>
        {stream.language && (
          <Badge size="sm" variant="default">
            {stream.language}
          </Badge>
        )}
        {stream.dispositions.map(name => (
          <Badge key={name} size="sm" variant="light" color="gray">
            {name}
          </Badge>
        ))}
        {stream.title && <Text size="sm">{stream.title}</Text>}
      </Group>
      <Text size="xs" c="dimmed">
        {[stream.profile, stream.summary, stream.bitrate != null && bitrate(stream.bitrate)]
          .filter(Boolean)
          .join(" · ")}
      </Text>
    </>
  );
}
