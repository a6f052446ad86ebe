import { Button, Group, SegmentedControl, Select, SimpleGrid, Stack, Tabs } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconBulb, IconHistory, IconSparkles } from "@tabler/icons-react";
import { useInfiniteQuery, useIsMutating, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { librariesQuery } from "../../api/libraries.ts";
import {
  type RecommendationFilter,
  recommendationsQuery,
  summaryQuery,
  useAnalyze,
  useAnswer,
  useQueueRecommendations,
} from "../../api/recommendations.ts";
import type { Recommendation, RecommendationSort, RecommendationState } from "../../api/types.ts";
import { Empty } from "../../ui/empty.tsx";
import { Failure } from "../../ui/failure.tsx";
import { bytes, count, plural } from "../../ui/format.ts";
import { Page } from "../../ui/page.tsx";
import { ListSkeleton } from "../../ui/skeleton.tsx";
import { sayWhenDone } from "../../ui/toast.ts";
import { type Answers, RecommendationCard } from "./card.tsx";
import { HistoryDialog } from "./history.tsx";
import { kindOf } from "./kinds.ts";
import { Summary } from "./summary.tsx";

const STATES: { value: RecommendationState; label: string }[] = [
  { value: "open", label: "Open" },
  { value: "accepted", label: "Accepted" },
  { value: "actioned", label: "Queued" },
  { value: "dismissed", label: "Dismissed" },
];

const FIRST: RecommendationFilter = { type: null, state: "open", library_id: null, sort: "priority" };

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
        <QueueAccepted count={summary.accepted_count} bytes={summary.accepted_savings} />
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
              { value: "priority", label: "By priority" },
              { value: "savings", label: "By savings" },
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

/** What each answer does and says; a dismissal can be taken back from its toast. */
function useAnswers(): Answers {
  const answer = useAnswer();
  const queue = useQueueRecommendations();
  const name = (one: Recommendation) => one.media_title ?? one.title;
  return {
    accept: one => answer.mutate({ id: one.id, answer: "accept" }),
    reopen: one => answer.mutate({ id: one.id, answer: "reopen" }),
    dismiss: one =>
      answer.mutate(
        { id: one.id, answer: "dismiss" },
        {
          onSuccess: () => {
            const id = notifications.show({
              withBorder: true,
              autoClose: 12_000,
              message: (
                <Group justify="space-between" wrap="nowrap">
                  <span>Dismissed: {name(one)}</span>
                  <Button
                    size="compact-xs"
                    variant="light"
                    onClick={() => {
                      answer.mutate({ id: one.id, answer: "reopen" });
                      notifications.hide(id);
                    }}
                  >
                    Undo
                  </Button>
                </Group>
              ),
            });
          },
        },
      ),
    queue: (one, preset_id) => sayWhenDone(queue.mutateAsync({ ids: [one.id], preset_id }), saidOf),
  };
}

function QueueAccepted({ count: accepted, bytes: size }: { count: number; bytes: number }) {
  const queue = useQueueRecommendations();
  return (
    <Button
      mr="auto"
      loading={queue.isPending}
      onClick={() => sayWhenDone(queue.mutateAsync({ ids: "accepted", preset_id: null }), saidOf)}
    >
      Queue {count(accepted)} accepted ({bytes(size)})
    </Button>
  );
}

function saidOf(told: { jobs_created: number; skipped: number; reason: string }): string {
  const left = told.skipped > 0 ? ` ${plural(told.skipped, "file")} left out: ${told.reason}` : "";
  return `${plural(told.jobs_created, "job")} queued.${left}`;
}

interface CardsProps {
  filter: RecommendationFilter;
  answers: Answers;
  analyzed: boolean;
}

function Cards({ filter, answers, analyzed }: CardsProps) {
  const { data, error, refetch, fetchNextPage, hasNextPage, isFetchingNextPage } = useInfiniteQuery(
    recommendationsQuery(filter),
  );
  if (error)
    return <Failure title="The recommendations could not be read" error={error} retry={() => void refetch()} />;
  if (!data) return <ListSkeleton rows={4} height={150} />;
  const items = data.pages.flatMap(page => page.items);
  if (items.length === 0) return <NothingHere state={filter.state} analyzed={analyzed} />;
  return (
    <Stack>
      <SimpleGrid cols={{ base: 1, md: 2, xl: 3 }}>
        {items.map(one => (
          <RecommendationCard key={one.id} one={one} answers={answers} />
        ))}
      </SimpleGrid>
      {hasNextPage && (
        <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()} mx="auto">
          Show more ({count((data.pages[0]?.total ?? 0) - items.length)} left)
        </Button>
      )}
    </Stack>
  );
}

function NothingHere({ state, analyzed }: { state: RecommendationState; analyzed: boolean }) {
  if (!analyzed) {
    return (
      <Empty icon={IconBulb} title="No recommendations yet">
        Press Analyze: MediaFlow looks through the library for what would give back space. No file is touched.
      </Empty>
    );
  }
  const texts: Record<RecommendationState, string> = {
    open: "Everything is answered. The next analysis may find more.",
    accepted: "Accept what you want done; then queue it all at once.",
    dismissed: "What you dismiss can be found and taken back here.",
    actioned: "What was queued for a recommendation shows here.",
  };
  return (
    <Empty icon={IconBulb} title="Nothing here">
      {texts[state]}
    </Empty>
  );
}
