import type { Plan, Stream } from "../../../api/types.ts";

/** A stream of the source, and what became of it. */
export interface StreamPair {
  before: Stream;
  /** One for each output of it, once it is there. */
  after: Stream[];
  /** What was decided, in a few words; undefined where the plan says nothing of it. */
  decision: string | undefined;
}

/**
 * Streams beside what became of them. The plan lists what is kept in the order of the output; an output with another number
 * of streams was not made to it, so nothing is said of what belongs to what.
 */
export function pairsOf(
  before: readonly Stream[],
  plan: Pick<Plan, "streams" | "dropped"> | null,
  after: readonly Stream[],
): StreamPair[] {
  const isToPlan = plan?.streams.length === after.length;
  return before.map(stream => {
    const kept = (plan?.streams ?? []).map((planned, place) => ({ planned, made: after[place] }));
    const own = kept.filter(({ planned }) => planned.source_index === stream.index);
    const dropped = plan?.dropped.find(one => one.source_index === stream.index);
    const said = own.map(({ planned }) => planned.description).join("; ");
    return {
      before: stream,
      after: isToPlan ? own.flatMap(({ made }) => (made ? [made] : [])) : [],
      decision: dropped ? `left out: ${dropped.reason}` : said || undefined,
    };
  });
}
