import { Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { jobQuery, planQuery, reportQuery } from "../../../api/queue.ts";
import { Failure } from "../../../ui/failure.tsx";
import { ListSkeleton } from "../../../ui/skeleton.tsx";
import { Steps } from "./steps.tsx";
import { Stills } from "./stills.tsx";
import { StreamPairs } from "./streams.tsx";
import { TuningFacts } from "./tuning.tsx";

/** Pictures, times and streams of a job, before and after. */
export function OverviewPart({ id }: { id: number }) {
  const { data, error, refetch } = useQuery(reportQuery(id));
  const { data: job } = useQuery(jobQuery(id));
  const { data: planned } = useQuery(planQuery(id));
  if (error) return <Failure title="The job could not be read" error={error} retry={() => void refetch()} />;
  if (!data) return <ListSkeleton rows={4} />;
  return (
    <Stack gap="lg">
      <Section title="Before and after">
        <Stills report={data} />
      </Section>
      <Section title="How long each step took">
        <Steps steps={data.steps} job={job} />
      </Section>
      {data.tuning && (
        <Section title="The CRF that was found">
          <TuningFacts tuning={data.tuning} outputBytes={data.output?.file_size} />
        </Section>
      )}
      <Section title="Streams">
        {data.source ? (
          <StreamPairs source={data.source} output={data.output} plan={planned?.plan ?? null} />
        ) : (
          <Text size="sm" c="dimmed">
            What was in the original is not known any more.
          </Text>
        )}
      </Section>
    </Stack>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <Title order={3} size="h5" mb={6}>
        {title}
      </Title>
      {children}
    </section>
  );
}
