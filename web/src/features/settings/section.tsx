import { Card, Group, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";

interface SectionProps {
  title: string;
  /** One line under the title. */
  note?: ReactNode;
  /** A button at the right of the title. */
  action?: ReactNode;
  children: ReactNode;
}

/** A part of the settings. */
export function Section({ title, note, action, children }: SectionProps) {
  return (
    <Card padding="lg" component="section" aria-label={title}>
      <Stack>
        <Group justify="space-between" align="flex-start">
          <div>
            <Title order={2} size="h4">
              {title}
            </Title>
            {note && (
              <Text size="sm" c="dimmed" component="div">
                {note}
              </Text>
            )}
          </div>
          {action}
        </Group>
        {children}
      </Stack>
    </Card>
  );
}
