import { Group, Stack, Table, Text } from "@mantine/core";
import { IconCircleCheck, IconCircleX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { proofQuery } from "../../../api/queue.ts";
import { Failure } from "../../../ui/failure.tsx";
import { bytes } from "../../../ui/format.ts";
import { ListSkeleton } from "../../../ui/skeleton.tsx";
import { When } from "../../../ui/when.tsx";
import { meaningOf } from "../explain.ts";

/** Every check of the proof, with what it measured. */
export function ProofPart({ id }: { id: number }) {
  const { data, error, refetch } = useQuery(proofQuery(id));
  if (error) return <Failure title="The proof could not be read" error={error} retry={() => void refetch()} />;
  if (!data) return <ListSkeleton rows={5} />;
  const words: Record<string, string> = {
    proven: "Proven: every check holds",
    not_worth_it: "Sound, but not worth it",
    rejected: "Rejected: the output was not used",
  };
  return (
    <Stack>
      <Text size="sm">
        <b>{words[data.conclusion] ?? data.conclusion}</b>, output of {bytes(data.output_size)},{" "}
        <When at={data.created_at} />
      </Text>
      <Table.ScrollContainer minWidth={320} type="native">
        <Table verticalSpacing={6} withTableBorder>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Check</Table.Th>
              <Table.Th>Measured</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {data.checks.map(check => (
              <Table.Tr key={check.name}>
                <Table.Td>
                  <Group gap={6} wrap="nowrap">
                    {check.passed ? (
                      <IconCircleCheck size={18} color="var(--mantine-color-teal-6)" aria-label="holds" style={FIXED} />
                    ) : (
                      <IconCircleX
                        size={18}
                        color="var(--mantine-color-red-6)"
                        aria-label="does not hold"
                        style={FIXED}
                      />
                    )}
                    {check.name}
                  </Group>
                </Table.Td>
                <Table.Td className="break-anywhere figures">
                  {!check.passed && <Text size="sm">{sentence(meaningOf(check.name))}</Text>}
                  {check.measured}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Stack>
  );
}

/** Long names of checks take no room from their mark. */
const FIXED = { flex: "none" };

/** With a capital and a full stop. */
function sentence(words: string | undefined): string | undefined {
  return words && `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}
