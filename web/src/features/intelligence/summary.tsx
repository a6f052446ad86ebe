import { SimpleGrid } from "@mantine/core";
import { IconCircleCheck, IconListCheck, IconSparkles } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { savingsQuery, summaryQuery } from "../../api/recommendations.ts";
import { bytes, plural } from "../../ui/format.ts";
import { Stat } from "../../ui/stat.tsx";

/** What could be saved, what is about to be, and what was. */
export function Summary({ libraryId }: { libraryId: number | null }) {
  const summary = useQuery(summaryQuery(libraryId)).data;
  const savings = useQuery(savingsQuery).data;
  const open = Object.values(summary?.open_by_type ?? {}).reduce((sum, one) => sum + one, 0);
  return (
    <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="md">
      <Stat
        icon={IconSparkles}
        label="You could get back"
        value={summary ? bytes(summary.total_estimated_savings) : "…"}
        note={`${plural(open, "recommendation")} to answer`}
      />
      <Stat
        icon={IconListCheck}
        label="Accepted, not yet queued"
        value={summary ? bytes(summary.accepted_savings) : "…"}
        note={plural(summary?.accepted_count ?? 0, "recommendation")}
        color="yellow"
      />
      <Stat
        icon={IconCircleCheck}
        label="Got back so far"
        value={savings ? bytes(savings.total_saved) : "…"}
        note={plural(savings?.total_jobs ?? 0, "file")}
        color="teal"
      />
    </SimpleGrid>
  );
}
