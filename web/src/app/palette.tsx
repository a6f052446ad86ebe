import { VisuallyHidden } from "@mantine/core";
import { Spotlight, type SpotlightActionData } from "@mantine/spotlight";
import { IconRadar, IconSearch, IconSparkles } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { librariesQuery, useStartScan } from "../api/libraries.ts";
import { useAnalyze } from "../api/recommendations.ts";
import { showDone } from "../ui/toast.tsx";
import { pages } from "./pages.ts";

/** The command palette, on Ctrl-K or Cmd-K. */
export function Palette() {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const startScan = useStartScan();
  const analyze = useAnalyze();

  const scanAll = async () => {
    const libraries = await queries.fetchQuery(librariesQuery);
    const idle = libraries.filter(library => !library.scan);
    await Promise.all(idle.map(library => startScan.mutateAsync(library.id)));
    showDone(idle.length === 1 ? "The scan has begun." : `${idle.length} scans have begun.`);
  };

  const go: SpotlightActionData[] = pages.map(page => ({
    id: page.path,
    label: `Go to ${page.label}`,
    description: page.description,
    leftSection: <page.icon size={20} stroke={1.7} />,
    onClick: () => void navigate({ to: page.to }),
  }));
  const actions: SpotlightActionData[] = [
    ...go,
    {
      id: "scan",
      label: "Scan all libraries",
      description: "Look for new, changed and missing files",
      leftSection: <IconRadar size={20} stroke={1.7} />,
      onClick: () => void scanAll(),
    },
    {
      id: "analyze",
      label: "Run the analysis",
      description: "Find what would give back space",
      leftSection: <IconSparkles size={20} stroke={1.7} />,
      onClick: () => {
        analyze.mutate(null);
        void navigate({ to: "/intelligence" });
      },
    },
  ];

  return (
    <Spotlight
      actions={actions}
      shortcut={["mod + K"]}
      nothingFound="Nothing is called that"
      highlightQuery
      title={<VisuallyHidden>Commands</VisuallyHidden>}
      searchProps={{
        leftSection: <IconSearch size={20} aria-hidden />,
        placeholder: "Go to a page, or do something",
        "aria-label": "Command",
      }}
    />
  );
}
