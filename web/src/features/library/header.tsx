import { UnstyledButton } from "@mantine/core";
import { IconChevronDown, IconChevronUp } from "@tabler/icons-react";
import type { Header } from "@tanstack/react-table";
import type { KeyboardEvent } from "react";
import type { Item } from "../../api/types.ts";
import { type features, rightAligned, STRETCHED } from "./columns.tsx";
import classes from "./table.module.css";

/** What a step of an arrow key adds to a column. */
const STEP_PX = 16;

interface HeaderCellProps {
  header: Header<typeof features, Item, unknown>;
  sorted: "asc" | "desc" | undefined;
  sort: (id: string) => void;
  resizeBy: (id: string, delta: number) => void;
}

/** A column's name: sorts when pressed, and has the column's edge to drag. */
export function HeaderCell({ header, sorted, sort, resizeBy }: HeaderCellProps) {
  const { column } = header;
  const name = String(column.columnDef.header);
  const size = header.getSize();
  const byKey = (event: KeyboardEvent) => {
    const delta = { ArrowLeft: -STEP_PX, ArrowRight: STEP_PX }[event.key];
    if (delta === undefined) return;
    event.preventDefault();
    resizeBy(column.id, delta);
  };
  const Arrow = sorted === "desc" ? IconChevronDown : IconChevronUp;
  return (
    <div
      role="columnheader"
      aria-sort={sorted && (sorted === "asc" ? "ascending" : "descending")}
      className={classes.head}
      style={{ width: size, flexGrow: column.id === STRETCHED ? 1 : 0 }}
      data-right={rightAligned.has(column.id) || undefined}
    >
      <UnstyledButton className={classes.sort} onClick={() => sort(column.id)}>
        {name}
        {sorted && <Arrow size={14} aria-hidden />}
      </UnstyledButton>
      <div
        role="separator"
        aria-orientation="vertical"
        aria-label={`Width of ${name}`}
        aria-valuenow={Math.round(size)}
        aria-valuemin={column.columnDef.minSize ?? 0}
        aria-valuemax={column.columnDef.maxSize ?? 0}
        tabIndex={0}
        className={classes.resize}
        data-active={column.getIsResizing() || undefined}
        onMouseDown={header.getResizeHandler()}
        onTouchStart={header.getResizeHandler()}
        onKeyDown={byKey}
      />
    </div>
  );
}
