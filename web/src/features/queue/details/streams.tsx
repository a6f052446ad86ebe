import { SimpleGrid, Stack, Text } from "@mantine/core";
import type { Plan, Probe } from "../../../api/types.ts";
import { bitrate, bytes, clock } from "../../../ui/format.ts";
import { withoutNumber } from "../../../ui/plan-view.tsx";
import { StreamCell } from "../../../ui/stream-table.tsx";
import classes from "./details.module.css";
import { pairsOf } from "./pairs.ts";

interface StreamPairsProps {
  source: Probe;
  output: Probe | null;
  plan: Plan | null;
}

/** The file before and after, stream by stream. */
export function StreamPairs({ source, output, plan }: StreamPairsProps) {
  return (
    <Stack gap={0} className={classes.pairs}>
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm" verticalSpacing={4} className={classes.pair}>
        <FileFacts title="Before" probe={source} />
        {output ? <FileFacts title="After" probe={output} /> : <NoOutput />}
      </SimpleGrid>
      {pairsOf(source.streams, plan, output?.streams ?? []).map(({ before, after, decision }) => (
        <SimpleGrid
          key={before.index}
          cols={{ base: 1, sm: 2 }}
          spacing="sm"
          verticalSpacing={4}
          className={classes.pair}
        >
          <div>
            <StreamCell stream={before} />
          </div>
          <div>
            {after.map(stream => (
              <StreamCell key={stream.index} stream={stream} />
            ))}
            {decision && (
              <Text size="xs" c="dimmed" className="break-anywhere">
                → {withoutNumber(decision)}
              </Text>
            )}
          </div>
        </SimpleGrid>
      ))}
    </Stack>
  );
}

function FileFacts({ title, probe }: { title: string; probe: Probe }) {
  const facts = [
    bytes(probe.file_size),
    probe.container,
    probe.duration_seconds > 0 && clock(probe.duration_seconds),
    probe.bitrate != null && bitrate(probe.bitrate),
    probe.width && probe.height && `${probe.width} × ${probe.height}`,
    probe.video_codec && (probe.hdr_format ?? "SDR"),
  ];
  return (
    <div>
      <Text size="sm" fw={600}>
        {title}
      </Text>
      <Text size="xs" c="dimmed" className="figures">
        {facts.filter(Boolean).join(" · ")}
      </Text>
    </div>
  );
}

function NoOutput() {
  return (
    <div>
      <Text size="sm" fw={600}>
        After
      </Text>
      <Text size="xs" c="dimmed">
        Not measured yet; below stands what is planned
      </Text>
    </div>
  );
}
