import { Checkbox, Skeleton, Text, UnstyledButton } from "@mantine/core";
import { useTable } from "@tanstack/react-table";
import { useVirtualizer, type Virtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import type { ItemFilter, ItemOrder } from "../../api/library.ts";
import type { Item } from "../../api/types.ts";
import { Failure } from "../../ui/failure.tsx";
import { count } from "../../ui/format.ts";
import { columns, features, type Place, rightAligned } from "./columns.tsx";
import type { ColumnsState } from "./columns-state.ts";
import { CompactRow } from "./compact.tsx";
import { HeaderCell } from "./header.tsx";
import type { Rows } from "./rows.ts";
import classes from "./table.module.css";

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
    overscan: 12,
    onChange: instance => lookAt(instance, look),
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows of another height are measured anew
  useEffect(() => virtualizer.measure(), [virtualizer, rowPx]);
  // Another filter or order begins at the top.
  const what = JSON.stringify([filter, order]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `what` is the reason to scroll
  useEffect(() => virtualizer.scrollToOffset(0), [virtualizer, what]);

  const inSight = virtualizer.getVirtualItems();
  const data: Place[] = inSight.map(({ index }) => ({ index, item: rows.at(index) }));
  const { visibility, sizing } = columnsState;
  const table = useTable({
    features,
    columns,
    data,
    columnResizeMode: "onChange",
    getRowId: place => String(place.index),
    state: { columnVisibility: visibility, columnSizing: sizing },
    onColumnVisibilityChange: columnsState.setVisibility,
    onColumnSizingChange: columnsState.setSizing,
  });
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
      <section ref={scroller} className={classes.scroller} tabIndex={0} aria-label="Media files, scrollable">
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
            {table.getRowModel().rows.map((row, place) => {
              const { index, item } = row.original;
              const style = { height: rowPx, transform: `translateY(${inSight[place]?.start ?? 0}px)` };
              if (compact) {
                return <CompactRow key={row.id} {...props} item={item} index={index} style={style} />;
              }
              const isSelected = item !== undefined && selected.has(item.id);
              return (
                <div
                  key={row.id}
                  role="row"
                  aria-rowindex={index + 1}
                  className={classes.row}
                  style={style}
                  data-selected={isSelected || undefined}
                >
                  <div role="cell" className={classes.check}>
                    {item && (
                      <Checkbox
                        size="xs"
                        checked={isSelected}
                        onChange={() => props.toggle(item)}
                        aria-label={`Select ${item.title}`}
                      />
                    )}
                  </div>
                  {row.getVisibleCells().map(cell => (
                    <div
                      key={cell.id}
                      role="cell"
                      className={classes.cell}
                      style={{ width: cell.column.getSize() }}
                      data-right={rightAligned.has(cell.column.id) || undefined}
                    >
                      <CellText id={cell.column.id} text={cell.getValue()} item={item} open={props.open} />
                    </div>
                  ))}
                </div>
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

interface CellTextProps {
  id: string;
  text: unknown;
  item: Item | undefined;
  open: (item: Item) => void;
}

function CellText({ id, text, item, open }: CellTextProps) {
  if (!item) return <Skeleton height={10} width="70%" />;
  if (id === "title") {
    return (
      <UnstyledButton className={classes.title} onClick={() => open(item)} title={String(text)}>
        {String(text)}
      </UnstyledButton>
    );
  }
  if (text === null) return null;
  return <span title={id === "file_path" ? String(text) : undefined}>{String(text)}</span>;
}

function lookAt(virtualizer: Virtualizer<HTMLDivElement, Element>, look: (first: number, last: number) => void) {
  const items = virtualizer.getVirtualItems();
  look(items[0]?.index ?? 0, items.at(-1)?.index ?? 0);
}

/** The rows that are looked at, told only when they change. */
export function useSight() {
  const [sight, setSight] = useState({ first: 0, last: 0 });
  const look = useMemo(
    () => (first: number, last: number) =>
      setSight(before => (before.first === first && before.last === last ? before : { first, last })),
    [],
  );
  return { ...sight, look };
}
