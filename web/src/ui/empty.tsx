import { Stack, Text, ThemeIcon, Title } from "@mantine/core";
import type { TablerIcon } from "@tabler/icons-react";
import type { ReactNode } from "react";

interface EmptyProps {
  icon: TablerIcon;
  title: string;
  /** What to do next. */
  children: ReactNode;
  /** Buttons that do it. */
  actions?: ReactNode;
}

/** In place of a list that has nothing in it. */
export function Empty({ icon: Icon, title, children, actions }: EmptyProps) {
  return (
    <Stack align="center" gap="sm" py={64} px="md" ta="center">
      <ThemeIcon size={56} radius="xl" variant="light" color="gray">
        <Icon size={28} stroke={1.5} />
      </ThemeIcon>
      <Title order={2} size="h4">
        {title}
      </Title>
      <Text c="dimmed" size="sm" maw={440} component="div">
        {children}
      </Text>
      {actions}
    </Stack>
  );
}
