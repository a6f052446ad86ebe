import { Group, Text } from "@mantine/core";

/** Mark and name. */
export function Brand() {
  return (
    <Group gap={10} wrap="nowrap">
      <img src="/favicon.svg" alt="" width={26} height={26} />
      <Text fw={700} size="lg" component="span">
        MediaFlow
      </Text>
    </Group>
  );
}
