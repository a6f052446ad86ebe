import { Badge, Tooltip } from "@mantine/core";
import { scoreColor } from "./status.ts";

/** What a server's benchmark came to. */
export function ScoreBadge({ score }: { score: number }) {
  return (
    <Tooltip label="Performance score of its benchmark, 0 to 100">
      <Badge size="sm" variant="light" color={scoreColor(score)} className="figures">
        {Math.round(score)}
      </Badge>
    </Tooltip>
  );
}
