import { Badge, Group, Table, Text } from "@mantine/core";
import type { JobStep } from "../../../api/types.ts";
import { clock, exact, took } from "../../../ui/format.ts";

const NAMES: Record<string, string> = {
  reading: "Reading the source",
  "trying CRFs": "Searching the CRF",
  encoding: "Encoding",
  proving: "Proving the output",
  replacing: "Putting it in place",
};

/** Every step that was taken, with its times. */
export function Steps({ steps }: { steps: readonly JobStep[] }) {
  if (steps.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        No step was taken yet.
      </Text>
    );
  }
  const total = steps.reduce((sum, step) => sum + (step.seconds ?? 0), 0);
  return (
    <Table verticalSpacing={6} withTableBorder>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Step</Table.Th>
          <Table.Th ta="right">Took</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {steps.map(step => (
          <Table.Tr key={`${step.stage} ${step.started_at}`}>
            <Table.Td>
              <Group gap={8}>
                <Text size="sm">{NAMES[step.stage] ?? step.stage}</Text>
                {step.trouble && (
                  <Badge size="sm" variant="light" color="orange">
                    {step.trouble}
                  </Badge>
                )}
              </Group>
              <Text size="xs" c="dimmed">
                {exact(step.started_at)}
                {step.held_seconds > 0 && `, held for ${clock(step.held_seconds)}`}
              </Text>
            </Table.Td>
            <Table.Td ta="right" className="figures">
              {step.seconds === null ? "under way" : took(step.seconds)}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
      {steps.length > 1 && (
        <Table.Tfoot>
          <Table.Tr>
            <Table.Th>Together</Table.Th>
            <Table.Th ta="right" className="figures">
              {took(total)}
            </Table.Th>
          </Table.Tr>
        </Table.Tfoot>
      )}
    </Table>
  );
}
