import { getRouteApi } from "@tanstack/react-router";
import { TabbedPage } from "../../ui/tabbed-page.tsx";
import { GeneralSettings } from "./general.tsx";
import { LibrarySettings } from "./libraries.tsx";
import { PresetSettings } from "./presets.tsx";
import { StorageSettings } from "./storage.tsx";
import { ThresholdSettings } from "./thresholds.tsx";

const route = getRouteApi("/settings/{-$tab}");

/** What can be tuned. */
export function SettingsPage() {
  const { tab } = route.useParams();
  const navigate = route.useNavigate();
  return (
    <TabbedPage
      title="Settings"
      tabs={[
        { value: "general", label: "General", panel: GeneralSettings },
        { value: "libraries", label: "Libraries", panel: LibrarySettings },
        { value: "presets", label: "Presets", panel: PresetSettings },
        { value: "storage", label: "Storage", panel: StorageSettings },
        { value: "thresholds", label: "Thresholds", panel: ThresholdSettings },
      ]}
      tab={tab}
      goTo={next => void navigate({ params: { tab: next }, replace: true })}
    />
  );
}
