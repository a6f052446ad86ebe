import { Badge, Group, Table, Text } from "@mantine/core";
import type { Stream } from "../api/types.ts";
import { bitrate } from "./format.ts";

/** The streams of a file, one a row. */
export function StreamTable({ streams }: { streams: readonly Stream[] }) {
  return (
    <Table verticalSpacing={6} withTableBorder>
      <Table.Tbody>
        <StreamRows streams={streams} />
      </Table.Tbody>
    </Table>
  );
}

/** Streams as rows of a table. */
export function StreamRows({ streams, withKind = true }: { streams: readonly Stream[]; withKind?: boolean }) {
  return streams.map(stream => (
    <Table.Tr key={stream.index}>
      <Table.Td w={40} c="dimmed">
        {stream.index}
      </Table.Td>
      <Table.Td>
        <StreamCell stream={stream} withKind={withKind} />
      </Table.Td>
    </Table.Tr>
  ));
}

/** One stream: what it is, and what is to be said of it; its kind only where it does not stand over it. */
export function StreamCell({ stream, withKind = true }: { stream: Stream; withKind?: boolean }) {
  return (
    <>
      <Group gap={6}>
        <Text size="sm" fw={600}>
          {stream.codec}
        </Text>
        {withKind && (
          <Text size="xs" c="dimmed">
            {stream.kind}
          </Text>
        )}
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
