import { Table } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./log-table.module.css";

interface LogTableProps {
  label: string;
  /** The columns in order; the last one tells what happened and takes the room that is left. */
  columns: readonly { name: string; width?: number }[];
  /** Rows of the table. */
  children: ReactNode;
}

/** What happened, a row each. On narrow screens the last column stands below the others instead of beside them. */
export function LogTable({ label, columns, children }: LogTableProps) {
  return (
    <Table verticalSpacing={6} className={`${classes.table} figures`} aria-label={label}>
      <Table.Thead className={classes.head}>
        <Table.Tr>
          {columns.map(column => (
            <Table.Th key={column.name} w={column.width}>
              {column.name}
            </Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>{children}</Table.Tbody>
    </Table>
  );
}
