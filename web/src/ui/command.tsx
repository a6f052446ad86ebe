import { ActionIcon, CopyButton, Group, ScrollArea, Text, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { type RefObject, useEffect, useRef } from "react";

interface CommandProps {
  label: string;
  text: string;
  maxHeight?: number;
  /** Whether the end stays in view while the text grows, unless somebody reads further up. */
  follows?: boolean;
}

/** A command or a log, to be read and copied. */
export function Command({ label, text, maxHeight, follows = false }: CommandProps) {
  const viewport = useRef<HTMLDivElement>(null);
  const follow = useFollow(viewport, text, follows);
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
        viewportRef={viewport}
        onScrollPositionChange={follow}
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

/** How far from the end somebody may be and still follow, in pixels: about a line. */
const NEAR_END = 24;

/** Keeps the end of a growing text in view. Gives what is to be told of scrolling. */
function useFollow(viewport: RefObject<HTMLDivElement | null>, text: string, follows: boolean) {
  const isAtEnd = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: every change of the text moves its end
  useEffect(() => {
    const element = viewport.current;
    if (follows && element && isAtEnd.current) element.scrollTop = element.scrollHeight;
  }, [text, follows]);
  return ({ y }: { y: number }) => {
    const element = viewport.current;
    if (element) isAtEnd.current = element.scrollHeight - element.clientHeight - y < NEAR_END;
  };
}
