import { AppShell, Burger, Group } from "@mantine/core";
import { useDisclosure, useHotkeys } from "@mantine/hooks";
import { spotlight } from "@mantine/spotlight";
import { lazyRouteComponent, Outlet, useLocation } from "@tanstack/react-router";
import { Suspense, useEffect } from "react";
import { Brand } from "./brand.tsx";
import { ConnectionBanner } from "./connection.tsx";
import { Navigation } from "./navigation.tsx";

const Palette = lazyRouteComponent(() => import("./palette.tsx"), "Palette");

/** The frame of every page: navigation at the side, behind a burger on narrow screens. */
export function Shell() {
  const [opened, { toggle, close }] = useDisclosure();
  const path = useLocation({ select: location => location.pathname });
  // biome-ignore lint/correctness/useExhaustiveDependencies: going to another page closes the menu
  useEffect(close, [path]);
  // Here and not in the palette, so that the keys also count while that is on its way.
  useHotkeys([["mod+K", spotlight.open]]);
  return (
    <>
      <a className="skip-link" href="#main">
        Skip to the content
      </a>
      <AppShell
        header={{ height: { base: 56, sm: 0 } }}
        navbar={{ width: 216, breakpoint: "sm", collapsed: { mobile: !opened } }}
        padding={{ base: "sm", sm: "lg" }}
      >
        <AppShell.Header hiddenFrom="sm" bg="var(--mf-surface)">
          <Group h="100%" px="md">
            <Burger
              opened={opened}
              onClick={toggle}
              size="sm"
              aria-label={opened ? "Close the menu" : "Open the menu"}
            />
            <Brand />
          </Group>
        </AppShell.Header>
        <AppShell.Navbar bg="var(--mf-surface)" p="sm" aria-label="Pages">
          <Navigation />
        </AppShell.Navbar>
        <AppShell.Main id="main" tabIndex={-1}>
          <ConnectionBanner />
          <Outlet />
        </AppShell.Main>
      </AppShell>
      <Suspense>
        <Palette />
      </Suspense>
    </>
  );
}
