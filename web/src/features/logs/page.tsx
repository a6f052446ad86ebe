import { getRouteApi } from "@tanstack/react-router";
import { TabbedPage } from "../../ui/tabbed-page.tsx";
import { AuditLog } from "./audit.tsx";
import { EventLog } from "./events.tsx";
import { ProgramLog } from "./program.tsx";
import { BackgroundTasks } from "./tasks.tsx";

const route = getRouteApi("/logs/{-$tab}");

/** What happened, what runs in the background, and who did what. */
export function LogsPage() {
  const { tab } = route.useParams();
  const navigate = route.useNavigate();
  return (
    <TabbedPage
      title="Logs"
      tabs={[
        { value: "events", label: "Events", panel: EventLog },
        { value: "tasks", label: "Background tasks", panel: BackgroundTasks },
        { value: "program", label: "Program log", panel: ProgramLog },
        { value: "audit", label: "Access", panel: AuditLog },
      ]}
      tab={tab}
      goTo={next => void navigate({ params: { tab: next }, replace: true })}
    />
  );
}
