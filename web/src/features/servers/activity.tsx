import { Group, Progress, Text } from "@mantine/core";

interface ActivityProps {
  /** What is done. */
  what: string;
  /** What it does now. */
  says: string;
  /** 0 to 100. */
  progress: number;
}

/** How far something is that is done with a server. */
export function Activity({ what, says, progress }: ActivityProps) {
  return (
    <div>
      <Group justify="space-between" gap={8}>
        <Text size="sm">
          {what}: {says}
        </Text>
        <Text size="sm" c="dimmed" className="figures">
          {Math.round(progress)} %
        </Text>
      </Group>
      <Progress.Root size="sm" mt={4}>
        <Progress.Section value={progress} animated aria-label={`${what}: ${says}`} />
      </Progress.Root>
    </div>
  );
}
