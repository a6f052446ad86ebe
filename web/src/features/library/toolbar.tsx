import { ActionIcon, Badge, Button, Group, Indicator, Menu, Select } from "@mantine/core";
import { IconAdjustments, IconColumns3 } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { Library } from "../../api/types.ts";
import { bytes, count } from "../../ui/format.ts";
import { SearchField } from "../../ui/search-field.tsx";
import { optionalColumns } from "./columns.tsx";
import type { ColumnsState } from "./columns-state.ts";
import classes from "./page.module.css";
import { activeFilters, type LibrarySearch } from "./search.ts";
import type { Selection } from "./selection.ts";

interface ToolbarProps {
  libraries: readonly Library[];
  search: LibrarySearch;
  change: (search: LibrarySearch, replace?: boolean) => void;
  isPanelOpen: boolean;
  togglePanel: () => void;
  /** Null where there are no columns to choose. */
  columns: ColumnsState | null;
  /** What can be done with the selection. */
  children: ReactNode;
}

/** Search, library, filters and columns, above the list. */
export function Toolbar({ libraries, search, change, isPanelOpen, togglePanel, columns, children }: ToolbarProps) {
  return (
    <Group gap="sm" className={classes.bar}>
      <SearchField
        label="Search titles and paths"
        value={search.search ?? ""}
        search={text => {
          const { search: _, ...rest } = search;
          change(text ? { ...rest, search: text } : rest, true);
        }}
      />
      <LibraryMenu libraries={libraries} search={search} change={change} />
      <Indicator disabled={activeFilters(search) === 0} label={activeFilters(search)} size={18}>
        <Button
          variant="default"
          leftSection={<IconAdjustments size={16} aria-hidden />}
          onClick={togglePanel}
          aria-expanded={isPanelOpen}
        >
          Filters
        </Button>
      </Indicator>
      {columns && <ColumnPicker columns={columns} />}
      {children}
    </Group>
  );
}

interface SelectionBarProps {
  selection: Selection & { clear: () => void };
  /** Items that match. */
  total: number | undefined;
  selectAll: () => void;
  transcode: () => void;
}

/** How much is selected, and what to do with it. */
export function SelectionBar({ selection, total, selectAll, transcode }: SelectionBarProps) {
  return (
    <Group gap="xs" ml="auto">
      <Badge size="lg" variant="light">
        {count(selection.ids.size)} selected, {bytes(selection.totalSize)}
      </Badge>
      {total !== undefined && selection.ids.size < total && (
        <Button size="xs" variant="subtle" onClick={selectAll}>
          Select all {count(total)}
        </Button>
      )}
      <Button size="xs" variant="default" onClick={selection.clear}>
        Clear
      </Button>
      <Button size="xs" onClick={transcode}>
        Transcode…
      </Button>
    </Group>
  );
}

interface LibraryMenuProps {
  libraries: readonly Library[];
  search: LibrarySearch;
  change: (search: LibrarySearch) => void;
}

function LibraryMenu({ libraries, search, change }: LibraryMenuProps) {
  return (
    <Select
      aria-label="Library"
      placeholder="All libraries"
      clearable
      clearButtonProps={{ "aria-label": "Show all libraries" }}
      w={190}
      data={libraries.map(library => ({
        value: String(library.id),
        label: `${library.title} (${count(library.total_items)})`,
      }))}
      value={search.library_id === undefined ? null : String(search.library_id)}
      onChange={id => {
        const { library_id: _, ...rest } = search;
        change(id ? { ...rest, library_id: Number(id) } : rest);
      }}
    />
  );
}

function ColumnPicker({ columns }: { columns: ColumnsState }) {
  return (
    <Menu closeOnItemClick={false} position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="default" size={36} aria-label="Columns">
          <IconColumns3 size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {optionalColumns.map(({ id, label }) => {
          const shown = columns.visibility[id] !== false;
          const toggle = () => columns.setVisibility(before => ({ ...before, [id]: !shown }));
          return (
            <Menu.CheckboxItem key={id} checked={shown} onChange={toggle}>
              {label}
            </Menu.CheckboxItem>
          );
        })}
      </Menu.Dropdown>
    </Menu>
  );
}
