import { Tabs } from "@mantine/core";
import { type ComponentType, useEffect, useRef } from "react";
import { Page } from "./page.tsx";

/** A part of a page, under a tab of its own. */
export interface PageTab {
  /** As in the page's address. */
  value: string;
  label: string;
  panel: ComponentType;
}

interface TabbedPageProps {
  title: string;
  /** The first shows where the address names none. */
  tabs: readonly [PageTab, ...PageTab[]];
  /** As the address has it, which may be anything. */
  tab: string | undefined;
  goTo: (tab: string) => void;
}

/** A page of parts, of which one shows. */
export function TabbedPage({ title, tabs, tab, goTo }: TabbedPageProps) {
  const value = tabs.find(one => one.value === tab)?.value ?? tabs[0].value;
  const shown = useRef<HTMLButtonElement>(null);
  // On narrow screens the tabs are a row to be pushed sideways.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another tab is to be seen
  useEffect(() => {
    // Not given back: newer browsers answer with a promise, which React would take for something to clean up.
    void shown.current?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [value]);
  return (
    <Page title={title}>
      <Tabs value={value} onChange={next => next && goTo(next)} keepMounted={false}>
        <Tabs.List mb="lg">
          {tabs.map(one => (
            <Tabs.Tab key={one.value} value={one.value} ref={one.value === value ? shown : null}>
              {one.label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {tabs.map(one => (
          <Tabs.Panel key={one.value} value={one.value}>
            <one.panel />
          </Tabs.Panel>
        ))}
      </Tabs>
    </Page>
  );
}
