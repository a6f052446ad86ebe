import { Checkbox, Skeleton, UnstyledButton } from "@mantine/core";
import { memo } from "react";
import type { Item } from "../../api/types.ts";
import { bytes, clock } from "../../ui/format.ts";
import type { RowProps } from "./row.tsx";
import classes from "./table.module.css";

/** A row for narrow screens: the title, and under it what matters most. */
export const CompactRow = memo(function CompactRow(props: RowProps) {
  const { index, item, server, start, height, isSelected, toggle, open } = props;
  return (
    <div
      role="row"
      aria-rowindex={index + 1}
      className={`${classes.row} ${classes.compact}`}
      style={{ height, transform: `translateY(${start}px)` }}
      data-selected={isSelected || undefined}
    >
      <div role="cell" className={classes.check}>
        {item && (
          <Checkbox size="sm" checked={isSelected} onChange={() => toggle(item)} aria-label={`Select ${item.title}`} />
        )}
      </div>
      <div role="cell">
        {item ? (
          <>
            <UnstyledButton className={classes.title} onClick={() => open(item)} w="100%">
              {item.title} {item.year && `(${item.year})`}
            </UnstyledButton>
            <div className={classes.facts}>{factsOf(item, server)}</div>
          </>
        ) : (
          <Skeleton height={10} width="70%" />
        )}
      </div>
    </div>
  );
});

function factsOf(item: Item, server: string | undefined): string {
  return [
    item.file_size != null && bytes(item.file_size),
    item.resolution_tier,
    item.video_codec,
    item.hdr_format,
    item.duration_ms != null && clock(item.duration_ms / 1000),
    server !== undefined && `on ${server}`,
  ]
    .filter(Boolean)
    .join(" · ");
}
