import { VisuallyHidden } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { Spotlight, type SpotlightActionData, type SpotlightActionGroupData } from "@mantine/spotlight";
import { IconMovie, IconRadar, IconSearch, IconSparkles } from "@tabler/icons-react";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { librariesQuery, useStartScan } from "../api/libraries.ts";
import { foundItemsQuery } from "../api/library.ts";
import { useAnalyze } from "../api/recommendations.ts";
import { plural } from "../ui/format.ts";
import { showDone } from "../ui/toast.tsx";
import { pages } from "./pages.ts";

/** Files that a search shows; the library itself shows all. */
const MOST_FILES = 8;
/** One letter finds nearly everything. */
const FEWEST_LETTERS = 2;
/** The library is asked when the typing pauses. */
const PAUSE_MS = 150;

/** The command palette, on Ctrl-K or Cmd-K: pages, actions, and every film and show. */
export function Palette() {
  const [query, setQuery] = useState("");
  const commands = useCommands();
  const { files, isSearching } = useFiles(query);
  return (
    <Spotlight
      query={query}
      onQueryChange={setQuery}
      actions={files.length > 0 ? [...commands, { group: "Library", actions: files }] : commands}
      shortcut={null}
      nothingFound={isSearching ? "Searching…" : "Nothing is called that"}
      highlightQuery
      scrollable
      maxHeight={480}
      scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}
      title={<VisuallyHidden>Commands</VisuallyHidden>}
      searchProps={{
        leftSection: <IconSearch size={20} aria-hidden />,
        placeholder: "Find a film or a page, or do something",
        "aria-label": "Command",
      }}
    />
  );
}

function useCommands(): (SpotlightActionData | SpotlightActionGroupData)[] {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const startScan = useStartScan();
  const analyze = useAnalyze();

  const scanAll = async () => {
    const libraries = await queries.fetchQuery(librariesQuery);
    const idle = libraries.filter(library => !library.scan);
    await Promise.all(idle.map(library => startScan.mutateAsync(library.id)));
    showDone(`${plural(idle.length, "scan")} begun.`);
  };

  const go: SpotlightActionData[] = pages.map(page => ({
    id: page.path,
    label: `Go to ${page.label}`,
    description: page.description,
    leftSection: <page.icon size={20} stroke={1.7} />,
    onClick: () => void navigate({ to: page.to }),
  }));
  return [
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
}

/** What the library finds for the letters; each opens its details there. */
function useFiles(query: string): { files: SpotlightActionData[]; isSearching: boolean } {
  const navigate = useNavigate();
  const [settled] = useDebouncedValue(query.trim(), PAUSE_MS);
  const isAsked = query.trim().length >= FEWEST_LETTERS;
  const { data, isFetching } = useQuery({
    ...foundItemsQuery(settled, MOST_FILES),
    enabled: settled.length >= FEWEST_LETTERS,
    placeholderData: keepPreviousData,
  });
  if (!isAsked) return { files: [], isSearching: false };
  const files = (data?.items ?? []).map(
    (item): SpotlightActionData => ({
      id: `item ${item.id}`,
      label: item.year ? `${item.title} (${item.year})` : item.title,
      description: item.file_path ?? "",
      // The server has searched already, by rules of its own.
      keywords: query,
      leftSection: <IconMovie size={20} stroke={1.7} />,
      onClick: () => void navigate({ to: "/library", search: { search: query.trim(), item: item.id } }),
    }),
  );
  return { files, isSearching: isFetching || settled !== query.trim() };
}
