import { Group, Progress, Text } from "@mantine/core";
import type { Library } from "../../api/types.ts";
import { useScanProgress } from "../../live/progress.ts";
import { count, plural } from "../../ui/format.ts";

/** Whether a library is being scanned, by the last answer and what came live since. */
export function useIsScanning(library: Library): boolean {
  const live = useScanProgress(library.id);
  return live !== undefined || library.scan != null;
}

/** How far the scan of a library is. */
export function ScanStatus({ library }: { library: Library }) {
  const live = useScanProgress(library.id);
  const scan = live ?? library.scan;
  if (!scan) return null;
  const toProbe = live?.to_probe ?? 0;
  // Until all files are seen, nobody knows how many there are to read.
  const share = toProbe > 0 ? Math.min(100, (scan.probed / toProbe) * 100) : 100;
  return (
    <div>
      <Progress.Root size="md">
        <Progress.Section value={share} animated striped={toProbe === 0} aria-label={`Scan of ${library.title}`} />
      </Progress.Root>
      <Group justify="space-between" mt={4}>
        <Text size="sm" className="figures" role="status">
          {plural(scan.seen, "file")} seen, {count(scan.probed)} read
        </Text>
      </Group>
    </div>
  );
}
