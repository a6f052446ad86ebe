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
      <Table.ScrollContainer minWidth={420} type="native">
        <Table verticalSpacing={6} withTableBorder>
          <Table.Thead>
            <Table.Tr>
              <Table.Th w={50}>No.</Table.Th>
              <Table.Th w={110}>Source</Table.Th>
              <Table.Th w={100}>Action</Table.Th>
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
                text={[stream.description, stream.language, stream.title].filter(Boolean).join(" · ")}
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
      </Table.ScrollContainer>
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

function Row({ index, codec, action, text }: { index: number; codec: string; action: string; text: string }) {
  return (
    <Table.Tr>
      <Table.Td>{index}</Table.Td>
      <Table.Td>{codec}</Table.Td>
      <Table.Td>
        <Group gap={4}>
          <Badge variant="light" size="sm" color={COLORS[action] ?? "gray"}>
            {action}
          </Badge>
        </Group>
      </Table.Td>
      <Table.Td className="break-anywhere">{text}</Table.Td>
    </Table.Tr>
  );
}
