import { Button } from "@mantine/core";
import { useAnswer, useQueueRecommendations } from "../../api/recommendations.ts";
import { bytes, count, plural } from "../../ui/format.ts";
import { sayWhenDone } from "../../ui/toast.tsx";
import { type Answers, nameOf } from "./card.tsx";

/** What each answer does and says; a dismissal can be taken back from its toast. */
export function useAnswers(): Answers {
  const answer = useAnswer();
  const queue = useQueueRecommendations();
  return {
    accept: one => answer.mutate({ id: one.id, answer: "accept" }),
    reopen: one => answer.mutate({ id: one.id, answer: "reopen" }),
    dismiss: one =>
      sayWhenDone(answer.mutateAsync({ id: one.id, answer: "dismiss" }), () => `Dismissed: ${nameOf(one)}`, {
        label: "Undo",
        run: () => answer.mutate({ id: one.id, answer: "reopen" }),
      }),
    queue: (one, preset_id) => sayWhenDone(queue.mutateAsync({ ids: [one.id], preset_id }), saidOf),
  };
}

/** Queues everything that was accepted, each with its own preset. */
export function QueueAccepted({ accepted, size }: { accepted: number; size: number }) {
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
