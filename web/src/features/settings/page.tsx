import { Tabs } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { Page } from "../../ui/page.tsx";
import { GeneralSettings } from "./general.tsx";
import { LibrarySettings } from "./libraries.tsx";
import { PresetSettings } from "./presets.tsx";
import { ThresholdSettings } from "./thresholds.tsx";

const route = getRouteApi("/settings/{-$tab}");

const TABS = [
  { value: "general", label: "General", panel: GeneralSettings },
  { value: "libraries", label: "Libraries", panel: LibrarySettings },
  { value: "presets", label: "Presets", panel: PresetSettings },
  { value: "thresholds", label: "Thresholds", panel: ThresholdSettings },
] as const;

export function SettingsPage() {
  const { tab } = route.useParams();
  const navigate = route.useNavigate();
  const value = TABS.find(one => one.value === tab)?.value ?? "general";
  return (
    <Page title="Settings">
      <Tabs
        value={value}
        onChange={next => void navigate({ params: { tab: next ?? "general" }, replace: true })}
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
