import { Button, SimpleGrid, Stack } from "@mantine/core";
import { IconBulb } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { type RecommendationFilter, recommendationsQuery } from "../../api/recommendations.ts";
import type { RecommendationState } from "../../api/types.ts";
import { Empty } from "../../ui/empty.tsx";
import { Failure } from "../../ui/failure.tsx";
import { count } from "../../ui/format.ts";
import { ListSkeleton } from "../../ui/skeleton.tsx";
import { type Answers, RecommendationCard } from "./card.tsx";

interface CardsProps {
  filter: RecommendationFilter;
  answers: Answers;
  /** Whether any analysis found anything. */
  analyzed: boolean;
}

/** The recommendations that fit a filter, more on request. */
export function Cards({ filter, answers, analyzed }: CardsProps) {
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
