import { ActionIcon, CopyButton, Group, ScrollArea, Text, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";

/** A command or a log, to be read and copied. */
export function Command({ label, text, maxHeight }: { label: string; text: string; maxHeight?: number }) {
  return (
    <div>
      <Group justify="space-between" mb={4}>
        <Text size="sm" fw={600}>
          {label}
        </Text>
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <Tooltip label={copied ? "Copied" : "Copy"}>
              <ActionIcon variant="subtle" color="gray" onClick={copy} aria-label={`Copy: ${label}`}>
                {copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
              </ActionIcon>
            </Tooltip>
          )}
        </CopyButton>
      </Group>
      <ScrollArea.Autosize
        mah={maxHeight ?? 220}
        bg="var(--mantine-color-body)"
        p="xs"
        viewportProps={{ tabIndex: 0, "aria-label": label, role: "region" }}
        style={{ borderRadius: 8 }}
      >
        <Text component="pre" size="xs" className="mono break-anywhere" m={0} style={{ whiteSpace: "pre-wrap" }}>
          {text}
        </Text>
      </ScrollArea.Autosize>
    </div>
  );
}
