import { Tabs } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { Page } from "../../ui/page.tsx";
import { AuditLog } from "./audit.tsx";
import { EventLog } from "./events.tsx";
import { ProgramLog } from "./program.tsx";
import { BackgroundTasks } from "./tasks.tsx";

const route = getRouteApi("/logs/{-$tab}");

const TABS = [
  { value: "events", label: "Events", panel: EventLog },
  { value: "tasks", label: "Background tasks", panel: BackgroundTasks },
  { value: "program", label: "Program log", panel: ProgramLog },
  { value: "audit", label: "Access", panel: AuditLog },
] as const;

/** What happened, what runs in the background, and who did what. */
export function LogsPage() {
  const { tab } = route.useParams();
  const navigate = route.useNavigate();
  const value = TABS.find(one => one.value === tab)?.value ?? "events";
  return (
    <Page title="Logs">
      <Tabs
        value={value}
        onChange={next => void navigate({ params: { tab: next ?? "events" }, replace: true })}
        keepMounted={false}
      >
        <Tabs.List mb="lg">
          {TABS.map(one => (
            <Tabs.Tab key={one.value} value={one.value}>
              {one.label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {TABS.map(one => (
          <Tabs.Panel key={one.value} value={one.value}>
            <one.panel />
          </Tabs.Panel>
        ))}
      </Tabs>
    </Page>
  );
}
