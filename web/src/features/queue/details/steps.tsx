import { Badge, Group, Table, Text } from "@mantine/core";
import type { Job, JobStep } from "../../../api/types.ts";
import { clock, exact, took } from "../../../ui/format.ts";
import { useNow } from "../../../ui/now.ts";
import { secondsOf, timesOf } from "./times.ts";

const NAMES: Record<string, string> = {
  reading: "Reading the source",
  "trying CRFs": "Searching the CRF",
  encoding: "Encoding",
  proving: "Proving the output",
  replacing: "Putting it in place",
};

/** How a step ended in the API's words, where they are not those of people. */
const TROUBLES: Record<string, string> = { superseded: "given up" };

interface StepsProps {
  steps: readonly JobStep[];
  /** When the job was begun first, and when it ended. */
  job: Pick<Job, "first_started_at" | "completed_at"> | undefined;
}

/** Every step that was taken, with its times. */
export function Steps({ steps, job }: StepsProps) {
  const isUnderWay = steps.some(step => step.seconds === null);
  const now = useNow(isUnderWay);
  if (steps.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        No step was taken yet.
      </Text>
    );
  }
  const { together, overall } = timesOf(steps, job, now);
  // Where it reads the same it is not told twice.
  const between = overall !== undefined && took(overall) !== took(together) ? overall - together : undefined;
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
                    {TROUBLES[step.trouble] ?? step.trouble}
                  </Badge>
                )}
              </Group>
              <Text size="xs" c="dimmed">
                {exact(step.started_at)}
                {step.held_seconds > 0 && `, held for ${clock(step.held_seconds)}`}
              </Text>
            </Table.Td>
            <Table.Td ta="right" className="figures" style={{ whiteSpace: "nowrap" }}>
              {step.seconds === null ? `${clock(secondsOf(step, now))} so far` : took(step.seconds)}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
      {(steps.length > 1 || between !== undefined) && (
        <Table.Tfoot>
          <Table.Tr>
            <Table.Th>Together</Table.Th>
            <Table.Th ta="right" className="figures" style={{ whiteSpace: "nowrap" }}>
              {isUnderWay ? clock(together) : took(together)}
            </Table.Th>
          </Table.Tr>
          {overall !== undefined && between !== undefined && (
            <Table.Tr>
              <Table.Th>
                From begin to end
                <Text size="xs" c="dimmed" fw={400}>
                  With {took(between)} between the steps: waiting, and sending the file.
                </Text>
              </Table.Th>
              <Table.Th ta="right" className="figures" style={{ whiteSpace: "nowrap" }}>
                {took(overall)}
              </Table.Th>
            </Table.Tr>
          )}
        </Table.Tfoot>
      )}
    </Table>
  );
}
