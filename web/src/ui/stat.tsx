import { Card, Group, Text, ThemeIcon } from "@mantine/core";
import type { TablerIcon } from "@tabler/icons-react";
import type { ReactNode } from "react";

interface StatProps {
  icon: TablerIcon;
  label: string;
  value: ReactNode;
  /** What the value is made of. */
  note?: ReactNode;
  color?: string;
}

/** One figure that matters. */
export function Stat({ icon: Icon, label, value, note, color = "accent" }: StatProps) {
  return (
    <Card h="100%" padding="sm">
      <Group gap="xs" wrap="nowrap">
        <ThemeIcon size={42} radius="md" variant="light" color={color} visibleFrom="xs">
          <Icon size={22} stroke={1.7} />
        </ThemeIcon>
        <div style={{ minWidth: 0 }}>
          <Text size="xs" c="dimmed">
            {label}
          </Text>
          <Text fw={700} size="xl" lh={1.2} className="figures" component="div" style={{ whiteSpace: "nowrap" }}>
            {value}
          </Text>
          {note && (
            <Text size="xs" c="dimmed" className="figures" component="div">
              {note}
            </Text>
          )}
        </div>
      </Group>
    </Card>
  );
}
