import { List, ScrollArea, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { count, plural } from "../../ui/format.ts";

/** Reasons that show; those behind them concern few files. */
const REASONS = 5;
/** About ten names. */
const NAMES_HEIGHT = 220;

/** Files that get no job for the same reason. */
export interface LeftOutGroup {
  reason: string;
  files: number;
  /** What those of them are called that are known by name. */
  names: readonly string[];
}

/** Files that get no job, by the reason, with their names. */
export function LeftOut({ groups, title }: { groups: readonly LeftOutGroup[]; title: string }) {
  const isOne = groups.length === 1 && groups[0]?.files === 1;
  const others = groups.slice(REASONS).reduce((sum, one) => sum + one.files, 0);
  return (
    <Stack gap={2}>
      <Text size="sm" fw={600}>
        {title}
      </Text>
      {groups.slice(0, REASONS).map(group => (
        <Named key={group.reason} names={group.names} more={group.files - group.names.length}>
          {isOne ? group.reason : `${count(group.files)}: ${group.reason}`}
        </Named>
      ))}
      {others > 0 && (
        <Text size="sm" c="dimmed">
          {count(others)}: other reasons
        </Text>
      )}
    </Stack>
  );
}

interface NamedProps {
  names: readonly string[];
  /** How many more there are, without a name. */
  more: number;
  children: ReactNode;
}

/** Something said of files, which can be opened to see which. */
export function Named({ names, more, children }: NamedProps) {
  const said = (
    <Text span size="sm" c="dimmed" className="figures">
      {children}
    </Text>
  );
  if (names.length === 0) return <div>{said}</div>;
  return (
    <details>
      <summary>{said}</summary>
      <ScrollArea.Autosize mah={NAMES_HEIGHT} type="auto" viewportProps={{ tabIndex: 0 }}>
        <List size="sm" withPadding className="break-anywhere">
          {names.map(name => (
            <List.Item key={name}>{name}</List.Item>
          ))}
          {more > 0 && <List.Item>{plural(more, "more", "more")}</List.Item>}
        </List>
      </ScrollArea.Autosize>
    </details>
  );
}
