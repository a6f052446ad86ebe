import { Badge, Tooltip } from "@mantine/core";
import { scoreColor } from "./status.ts";

/** Of what the score is made, as `line_score` of the server makes it. */
export const SCORE_NOTE =
  "Of its last benchmark, higher is better: how fast files go there and back (85 %), and how soon it answers (15 %)";

/** How good the connection to a server is. How fast it encodes is another thing: that is told in frames a second. */
export function ScoreBadge({ score, short = false }: { score: number; short?: boolean }) {
  return (
    <Tooltip label={SCORE_NOTE} multiline maw={320}>
      <Badge size="sm" variant="light" color={scoreColor(score)} className="figures">
        {`${short ? "" : "Connection "}${Math.round(score)} of 100`}
      </Badge>
    </Tooltip>
  );
}
