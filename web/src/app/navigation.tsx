import {
  ActionIcon,
  AppShell,
  Badge,
  Box,
  Group,
  Kbd,
  NavLink,
  Tooltip,
  UnstyledButton,
  useMantineColorScheme,
} from "@mantine/core";
import { spotlight } from "@mantine/spotlight";
import { IconMoon, IconSearch, IconSun } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useLocation, useNavigate } from "@tanstack/react-router";
import { queueStatsQuery } from "../api/queue.ts";
import { useFileDrop } from "../features/quick/drop.ts";
import { Brand } from "./brand.tsx";
import { ConnectionDot } from "./connection.tsx";
import classes from "./navigation.module.css";
import { pages } from "./pages.ts";

/** The side bar: pages, connection, colours. */
export function Navigation() {
  const path = useLocation({ select: location => location.pathname });
  const navigate = useNavigate();
  const drop = useFileDrop(() => void navigate({ to: "/quick" }));
  return (
    <>
      <AppShell.Section visibleFrom="sm" px={6} pb="md" pt={4}>
        <Brand />
      </AppShell.Section>
      <AppShell.Section pb="sm">
        <UnstyledButton className={classes.search} onClick={spotlight.open}>
          <IconSearch size={16} aria-hidden />
          <Box flex={1}>Go to…</Box>
          <Kbd size="xs">Ctrl K</Kbd>
        </UnstyledButton>
      </AppShell.Section>
      <AppShell.Section grow component="ul" className={classes.pages}>
        {pages.map(page => {
          const active = path.startsWith(page.path);
          const takesFiles = page.to === "/quick";
          return (
            <li key={page.path} {...(takesFiles && drop.handlers)}>
              <NavLink
                component={Link}
                to={page.to}
                label={page.label}
                leftSection={<page.icon size={20} stroke={1.7} aria-hidden />}
                rightSection={page.to === "/queue" ? <ActiveJobs onAccent={active} /> : undefined}
                active={active}
                aria-current={active ? "page" : undefined}
                variant="filled"
                className={classes.link}
                data-below={page.isBelow || undefined}
                data-over={(takesFiles && drop.isOver) || undefined}
              />
            </li>
          );
        })}
      </AppShell.Section>
      <AppShell.Section>
        <Group justify="space-between" wrap="nowrap">
          <ConnectionDot />
          <SchemeToggle />
        </Group>
      </AppShell.Section>
    </>
  );
}

/** How many jobs run now. */
function ActiveJobs({ onAccent }: { onAccent: boolean }) {
  const { data } = useQuery(queueStatsQuery);
  if (!data || data.total_active === 0) return null;
  return (
    <Badge
      size="sm"
      variant={onAccent ? "white" : "filled"}
      circle={data.total_active < 10}
      aria-label={`${data.total_active} running`}
    >
      {data.total_active}
    </Badge>
  );
}

function SchemeToggle() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const other = colorScheme === "dark" ? "light" : "dark";
  const Icon = other === "dark" ? IconMoon : IconSun;
  return (
    <Tooltip label={`Use the ${other} theme`}>
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={`Use the ${other} theme`}
        onClick={() => setColorScheme(other)}
      >
        <Icon size={18} />
      </ActionIcon>
    </Tooltip>
  );
}
