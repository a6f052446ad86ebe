import { Checkbox, Skeleton, UnstyledButton } from "@mantine/core";
import { memo } from "react";
import type { Item } from "../../api/types.ts";
import { PathText } from "../../ui/path-text.tsx";
import { rightAligned, STRETCHED } from "./columns.tsx";
import classes from "./table.module.css";

/** A column that shows, as a row needs it. */
export interface ShownColumn {
  id: string;
  size: number;
  textOf: (item: Item) => string | null;
}

export interface RowProps {
  index: number;
  /** Undefined while it is on its way. */
  item: Item | undefined;
  /** Name of the server that it lies on; undefined for this machine. */
  server: string | undefined;
  /** Where it lies in the list, and how high it is, in pixels. */
  start: number;
  height: number;
  isSelected: boolean;
  toggle: (item: Item) => void;
  open: (item: Item) => void;
}

/** One file. Rows that did not change are not drawn again while the list scrolls. */
export const LibraryRow = memo(function LibraryRow(props: RowProps & { columns: readonly ShownColumn[] }) {
  const { index, item, server, start, height, isSelected, columns, toggle, open } = props;
  return (
    <div
      role="row"
      aria-rowindex={index + 1}
      className={classes.row}
      style={{ height, transform: `translateY(${start}px)` }}
      data-selected={isSelected || undefined}
    >
      <div role="cell" className={classes.check}>
        {item && (
          <Checkbox size="xs" checked={isSelected} onChange={() => toggle(item)} aria-label={`Select ${item.title}`} />
        )}
      </div>
      {columns.map(({ id, size, textOf }) => (
        <div
          key={id}
          role="cell"
          className={classes.cell}
          style={{ width: size, flexGrow: id === STRETCHED ? 1 : 0 }}
          data-right={rightAligned.has(id) || undefined}
        >
          {item ? (
            <CellText id={id} text={textOf(item)} item={item} server={server} open={open} />
          ) : (
            id === "title" && <Skeleton height={10} />
          )}
        </div>
      ))}
    </div>
  );
});

interface CellTextProps {
  id: string;
  text: string | null;
  item: Item;
  server: string | undefined;
  open: (item: Item) => void;
}

function CellText({ id, text, item, server, open }: CellTextProps) {
  if (text === null) return null;
  if (id === "title") {
    return (
      <UnstyledButton className={classes.title} onClick={() => open(item)} title={text}>
        {text}
      </UnstyledButton>
    );
  }
  return id === "file_path" ? <PathText path={text} on={server} /> : <span>{text}</span>;
}
