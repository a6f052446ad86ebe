import { Button } from "@mantine/core";
import { useAnswer, useQueueRecommendations } from "../../api/recommendations.ts";
import { bytes, count } from "../../ui/format.ts";
import { sayWhenDone } from "../../ui/toast.tsx";
import { sayQueued } from "../transcode/said.ts";
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
    queue: (one, preset_id) =>
      void queue.mutateAsync({ ids: [one.id], preset_id }).then(done => sayQueued(done), ignore),
  };
}

/** Queues everything that was accepted, each with its own preset. */
export function QueueAccepted({ accepted, size }: { accepted: number; size: number }) {
  const queue = useQueueRecommendations();
  return (
    <Button
      mr="auto"
      loading={queue.isPending}
      onClick={() => void queue.mutateAsync({ ids: "accepted", preset_id: null }).then(done => sayQueued(done), ignore)}
    >
      Queue {count(accepted)} accepted ({bytes(size)})
    </Button>
  );
}

/** A failure is shown by the query client. */
function ignore(): void {}
