import { Stack, Table, Text } from "@mantine/core";
import type { JobReport } from "../../../api/types.ts";
import { bytes, plural } from "../../../ui/format.ts";

type Tuning = NonNullable<JobReport["tuning"]>;

/** The CRF that a job found: what was tried, what was foretold, and what came of it. */
export function TuningFacts({ tuning, outputBytes }: { tuning: Tuning; outputBytes: number | undefined }) {
  const { search } = tuning;
  return (
    <Stack gap={6}>
      <Text size="sm">
        CRF {tuning.crf}
        {tuning.lowered > 0 && `, lowered ${plural(tuning.lowered, "time")} because a result was below its floor`}
      </Text>
      {search && (
        <>
          <Text size="sm">
            {search.metric} {score(search, search.target)} was asked for. The samples foretold{" "}
            {score(search, search.predicted_score)} and {bytes(search.predicted_size)}
            {outputBytes !== undefined && `; the output has ${bytes(outputBytes)}`}.
          </Text>
          <Table verticalSpacing={4} withTableBorder w="auto">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>CRF tried</Table.Th>
                <Table.Th>{search.metric} of the samples</Table.Th>
                <Table.Th>Their size</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody className="figures">
              {search.trials.map(trial => (
                <Table.Tr key={trial.crf}>
                  <Table.Td>{trial.crf}</Table.Td>
                  <Table.Td>{score(search, trial.score)}</Table.Td>
                  <Table.Td>{bytes(trial.size)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </>
      )}
    </Stack>
  );
}

/** A score with the digits that mean something. */
function score(search: NonNullable<Tuning["search"]>, value: number): string {
  return value.toFixed(search.metric === "SSIM" ? 4 : 1);
}
