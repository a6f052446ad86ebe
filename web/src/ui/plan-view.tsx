import { Badge, Group, List, Stack, Table, Text } from "@mantine/core";
import type { Plan } from "../api/types.ts";
import { plural } from "./format.ts";

const COLORS: Record<string, string> = { encode: "accent", convert: "violet", copy: "gray", drop: "orange" };

/** What happens to every stream of a file. */
export function PlanView({ plan }: { plan: Plan }) {
  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">
        {plan.container.toUpperCase()}, {plural(plan.streams.length, "stream")},{" "}
        {plan.chapters > 0 ? `${plural(plan.chapters, "chapter")} kept` : "no chapters"}
      </Text>
      <Table verticalSpacing={6} withTableBorder>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Source</Table.Th>
            <Table.Th>What happens</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {plan.streams.map(stream => (
            <Row
              key={stream.source_index}
              index={stream.source_index}
              codec={stream.source_codec}
              action={stream.action}
              text={[withoutNumber(stream.description), stream.title].filter(Boolean).join(" · ")}
            />
          ))}
          {plan.dropped.map(stream => (
            <Row
              key={stream.source_index}
              index={stream.source_index}
              codec={stream.source_codec}
              action="drop"
              text={stream.reason}
            />
          ))}
        </Table.Tbody>
      </Table>
      {plan.notes.length > 0 && (
        <List size="sm" c="dimmed">
          {plan.notes.map(note => (
            <List.Item key={note}>{note}</List.Item>
          ))}
        </List>
      )}
    </Stack>
  );
}

/** The API's line about a stream, which begins with its number: that stands beside it. */
export function withoutNumber(description: string): string {
  return description.replace(/^#\d+ /, "");
}

function Row({ index, codec, action, text }: { index: number; codec: string; action: string; text: string }) {
  return (
    <Table.Tr>
      <Table.Td style={{ verticalAlign: "top" }}>
        <Group gap={8}>
          <Text span size="sm" c="dimmed" className="figures">
            {index}
          </Text>
          {codec}
          <Badge variant="light" size="sm" color={COLORS[action] ?? "gray"}>
            {action}
          </Badge>
        </Group>
      </Table.Td>
      <Table.Td className="break-anywhere">{text}</Table.Td>
    </Table.Tr>
  );
}
