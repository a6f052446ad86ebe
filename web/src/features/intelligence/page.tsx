import { Button, Group, SegmentedControl, Select, Stack, Tabs } from "@mantine/core";
import { IconHistory, IconSparkles } from "@tabler/icons-react";
import { useIsMutating, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { librariesQuery } from "../../api/libraries.ts";
import { type RecommendationFilter, summaryQuery, useAnalyze } from "../../api/recommendations.ts";
import type { RecommendationSort, RecommendationState } from "../../api/types.ts";
import { count } from "../../ui/format.ts";
import { Page } from "../../ui/page.tsx";
import { QueueAccepted, useAnswers } from "./answers.tsx";
import { Cards } from "./cards.tsx";
import { HistoryDialog } from "./history.tsx";
import { kindOf } from "./kinds.ts";
import { Summary } from "./summary.tsx";

const STATES: { value: RecommendationState; label: string }[] = [
  { value: "open", label: "Open" },
  { value: "accepted", label: "Accepted" },
  { value: "actioned", label: "Queued" },
  { value: "dismissed", label: "Dismissed" },
];

// Not by priority, as the API lists them: that counts sizes and codecs, and may begin with what saves nothing.
const FIRST: RecommendationFilter = { type: null, state: "open", library_id: null, sort: "savings" };

/** What is worth doing, and why. */
export function IntelligencePage() {
  const [filter, setFilter] = useState(FIRST);
  const [history, setHistory] = useState(false);
  const libraries = useQuery(librariesQuery).data ?? [];
  const summary = useQuery(summaryQuery(filter.library_id)).data;
  const analyze = useAnalyze();
  // The command palette may have started it, too.
  const analyzing = useIsMutating({ mutationKey: ["analyze"] }) > 0;
  const answers = useAnswers();
  const types = Object.keys(summary?.by_type ?? {}).sort();

  return (
    <Page
      title="Intelligence"
      subtitle="What would give back space, and why"
      actions={
        <>
          <Select
            aria-label="Library"
            placeholder="All libraries"
            clearable
            clearButtonProps={{ "aria-label": "All libraries" }}
            w={170}
            data={libraries.map(library => ({ value: String(library.id), label: library.title }))}
            value={filter.library_id === null ? null : String(filter.library_id)}
            onChange={id => setFilter({ ...filter, library_id: id === null ? null : Number(id) })}
          />
          <Button
            variant="default"
            leftSection={<IconHistory size={16} aria-hidden />}
            onClick={() => setHistory(true)}
          >
            History
          </Button>
          <Button
            leftSection={<IconSparkles size={16} aria-hidden />}
            loading={analyzing}
            onClick={() => analyze.mutate(filter.library_id)}
          >
            Analyze
          </Button>
        </>
      }
    >
      <Summary libraryId={filter.library_id} />
      {summary && summary.accepted_count > 0 && (
        <QueueAccepted accepted={summary.accepted_count} size={summary.accepted_savings} />
      )}
      <Stack gap="md">
        <Group justify="space-between">
          <SegmentedControl
            aria-label="State"
            data={STATES}
            value={filter.state}
            onChange={state => setFilter({ ...filter, state: state as RecommendationState })}
          />
          <Select
            aria-label="Order"
            w={190}
            allowDeselect={false}
            data={[
              { value: "savings", label: "By savings" },
              { value: "priority", label: "By priority" },
              { value: "confidence", label: "By confidence" },
            ]}
            value={filter.sort}
            onChange={sort => setFilter({ ...filter, sort: sort as RecommendationSort })}
          />
        </Group>
        <Tabs
          value={filter.type ?? "all"}
          onChange={type => setFilter({ ...filter, type: type === "all" ? null : type })}
        >
          {types.length > 1 && (
            <Tabs.List aria-label="Types" mb="md">
              <Tabs.Tab value="all">All</Tabs.Tab>
              {types.map(type => (
                <Tabs.Tab key={type} value={type}>
                  {kindOf(type).label}
                  {filter.state === "open" && ` (${count(summary?.open_by_type[type] ?? 0)})`}
                </Tabs.Tab>
              ))}
            </Tabs.List>
          )}
          <Tabs.Panel value={filter.type ?? "all"}>
            <Cards filter={filter} answers={answers} analyzed={types.length > 0} />
          </Tabs.Panel>
        </Tabs>
      </Stack>
      {history && <HistoryDialog close={() => setHistory(false)} />}
    </Page>
  );
}
