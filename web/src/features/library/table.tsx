import { Checkbox, Text } from "@mantine/core";
import { useTable } from "@tanstack/react-table";
import { useVirtualizer, type Virtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useMemo, useRef } from "react";
import type { ItemFilter, ItemOrder } from "../../api/library.ts";
import type { Item } from "../../api/types.ts";
import { Failure } from "../../ui/failure.tsx";
import { count } from "../../ui/format.ts";
import { columns, features } from "./columns.tsx";
import type { ColumnsState } from "./columns-state.ts";
import { CompactRow } from "./compact.tsx";
import { HeaderCell } from "./header.tsx";
import { LibraryRow, type ShownColumn } from "./row.tsx";
import type { Rows } from "./rows.ts";
import { useServerOf } from "./server-of.ts";
import classes from "./table.module.css";

/** The table library keeps the columns; the rows are read and placed by what is in sight. */
const NO_ROWS: Item[] = [];

const ROW_PX = 40;
const COMPACT_ROW_PX = 60;
/** Browsers draw nothing below some 17 million pixels; whoever looks for a row there is better served by a filter. */
const MOST_ROWS = 280_000;

interface LibraryTableProps {
  filter: ItemFilter;
  order: ItemOrder;
  rows: Rows;
  /** Which rows are looked at now. */
  look: (first: number, last: number) => void;
  columnsState: ColumnsState;
  /** One line a column, or two lines for a narrow screen. */
  compact: boolean;
  selected: ReadonlySet<number>;
  toggle: (item: Item) => void;
  toggleAll: () => void;
  sort: (id: string) => void;
  open: (item: Item) => void;
  empty: ReactNode;
}

/** The library as a table of any length: only the rows in sight exist. */
export function LibraryTable(props: LibraryTableProps) {
  const { filter, order, rows, look, columnsState, compact, selected } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const rowPx = compact ? COMPACT_ROW_PX : ROW_PX;
  const total = rows.total ?? 0;
  const shown = Math.min(total, MOST_ROWS);
  const virtualizer = useVirtualizer({
    count: shown,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    overscan: 10,
    onChange: instance => lookAt(instance, look),
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows of another height are measured anew
  useEffect(() => void virtualizer.measure(), [virtualizer, rowPx]);
  // Another filter or order begins at the top.
  const what = JSON.stringify([filter, order]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `what` is the reason to scroll
  useEffect(() => void virtualizer.scrollToOffset(0), [virtualizer, what]);

  const serverOf = useServerOf();
  const { visibility, sizing } = columnsState;
  const table = useTable({
    features,
    columns,
    data: NO_ROWS,
    columnResizeMode: "onChange",
    state: { columnVisibility: visibility, columnSizing: sizing },
    onColumnVisibilityChange: columnsState.setVisibility,
    onColumnSizingChange: columnsState.setSizing,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the table's columns change with these two
  const shownColumns = useMemo(
    () =>
      table.getVisibleLeafColumns().map(
        (column): ShownColumn => ({
          id: column.id,
          size: column.getSize(),
          textOf: item => column.accessorFn?.(item, 0) as string | null,
        }),
      ),
    [visibility, sizing],
  );
  const resizeBy = (id: string, delta: number) => {
    const column = table.getColumn(id);
    if (!column) return;
    const { minSize = 0, maxSize = Number.POSITIVE_INFINITY } = column.columnDef;
    const size = Math.min(maxSize, Math.max(minSize, column.getSize() + delta));
    columnsState.setSizing(before => ({ ...before, [id]: size }));
  };
  const sorted = order.sort_order === "desc" ? "desc" : "asc";
  const width = compact ? "100%" : 44 + table.getTotalSize();

  if (rows.error) return <Failure title="The library could not be read" error={rows.error} retry={rows.retry} />;
  if (rows.total === 0) return props.empty;
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard */}
      <section ref={scroller} className={classes.scroller} tabIndex={0} aria-label="Media files">
        <div role="table" aria-label="Media files" aria-rowcount={total} className={classes.table} style={{ width }}>
          {!compact && (
            <HeaderRow {...props} total={total}>
              {table.getFlatHeaders().map(header => (
                <HeaderCell
                  key={header.id}
                  header={header}
                  sorted={(order.sort_by ?? "title") === header.id ? sorted : undefined}
                  sort={props.sort}
                  resizeBy={resizeBy}
                />
              ))}
            </HeaderRow>
          )}
          <div role="rowgroup" className={classes.body} style={{ height: virtualizer.getTotalSize() }}>
            {virtualizer.getVirtualItems().map(({ index, start }) => {
              const item = rows.at(index);
              const row = {
                index,
                item,
                server: item && serverOf(item),
                start,
                height: rowPx,
                isSelected: item !== undefined && selected.has(item.id),
                toggle: props.toggle,
                open: props.open,
              };
              return compact ? (
                <CompactRow key={index} {...row} />
              ) : (
                <LibraryRow key={index} {...row} columns={shownColumns} />
              );
            })}
          </div>
        </div>
      </section>
      {total > shown && (
        <Text size="sm" c="dimmed">
          The list ends at {count(shown)} of {count(total)}. Search, filter or sort to see the others.
        </Text>
      )}
    </>
  );
}

function HeaderRow({
  selected,
  total,
  toggleAll,
  children,
}: LibraryTableProps & { total: number; children: ReactNode }) {
  return (
    <div role="row" className={classes.header}>
      <div role="columnheader" className={classes.check}>
        <Checkbox
          size="xs"
          checked={total > 0 && selected.size >= total}
          indeterminate={selected.size > 0 && selected.size < total}
          onChange={toggleAll}
          aria-label="Select all that match"
        />
      </div>
      {children}
    </div>
  );
}

function lookAt(virtualizer: Virtualizer<HTMLDivElement, Element>, look: (first: number, last: number) => void) {
  const items = virtualizer.getVirtualItems();
  look(items[0]?.index ?? 0, items.at(-1)?.index ?? 0);
}
