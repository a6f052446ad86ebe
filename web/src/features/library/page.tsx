import {
  ActionIcon,
  Badge,
  Button,
  Checkbox,
  Drawer,
  Group,
  Indicator,
  Menu,
  Select,
  Stack,
  Text,
  Tooltip,
} from "@mantine/core";
import { useDisclosure, useMediaQuery } from "@mantine/hooks";
import { IconAdjustments, IconColumns3, IconFolderPlus, IconMovieOff } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useCallback, useState } from "react";
import { librariesQuery } from "../../api/libraries.ts";
import { itemIdsQuery } from "../../api/library.ts";
import type { Item, Library } from "../../api/types.ts";
import { Empty } from "../../ui/empty.tsx";
import { bytes, count, plural } from "../../ui/format.ts";
import { Page } from "../../ui/page.tsx";
import { SearchField } from "../../ui/search-field.tsx";
import { showFailure } from "../../ui/toast.ts";
import { optionalColumns } from "./columns.tsx";
import { type ColumnsState, useColumnsState } from "./columns-state.ts";
import { Details } from "./details.tsx";
import { Filters } from "./filters.tsx";
import classes from "./page.module.css";
import { type Rows, useRows } from "./rows.ts";
import { activeFilters, filterOf, type LibrarySearch, withoutFilters } from "./search.ts";
import { useSelection } from "./selection.ts";
import { LibraryTable, useSight } from "./table.tsx";
import { TranscodeDialog } from "./transcode.tsx";

const route = getRouteApi("/library");

/** Every media file of every library. */
export function LibraryPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = useCallback(
    (next: LibrarySearch, replace = false) => void navigate({ search: next, replace }),
    [navigate],
  );
  const filter = filterOf(search);
  const order = { sort_by: search.sort_by ?? "title", sort_order: search.sort_order ?? "asc" };
  const sight = useSight();
  const rows = useRows(filter, order, sight.first, sight.last);
  const columnsState = useColumnsState();
  const compact = useMediaQuery("(max-width: 48em)", false, { getInitialValueInEffect: false });
  const selection = useSelection();
  const queries = useQueryClient();
  const libraries = useQuery(librariesQuery);
  const [panel, { toggle: togglePanel, close: closePanel }] = useDisclosure(false);
  const [wished, setWished] = useState<{ ids: number[]; totalSize: number } | null>(null);

  const toggleAll = () => {
    if (selection.ids.size > 0) return selection.clear();
    const all = queries.fetchQuery(itemIdsQuery(filter));
    all.then(selection.replace, error => showFailure("Nothing was selected", String(error.message)));
  };
  const sort = (id: string) => {
    const descends = order.sort_by === id && order.sort_order === "asc";
    const { sort_order: _, ...rest } = search;
    change({ ...rest, sort_by: id, ...(descends && { sort_order: "desc" }) });
  };
  const open = useCallback((item: Item) => change({ ...search, item: item.id }), [change, search]);
  const close = () => {
    const { item: _, ...rest } = search;
    change(rest);
  };

  if (libraries.data?.length === 0) return <NoLibrary />;
  const filters = <Filters search={search} change={next => change(next, true)} />;
  return (
    <Page title="Library" subtitle={<Counts rows={rows} />}>
      <Stack gap="sm">
        <Group gap="sm" className={classes.bar}>
          <SearchField
            label="Search titles and paths"
            value={search.search ?? ""}
            search={text => {
              const { search: _, ...rest } = search;
              change(text ? { ...rest, search: text } : rest, true);
            }}
          />
          <LibraryMenu libraries={libraries.data ?? []} search={search} change={change} />
          <Indicator disabled={activeFilters(search) === 0} label={activeFilters(search)} size={18}>
            <Button
              variant="default"
              leftSection={<IconAdjustments size={16} aria-hidden />}
              onClick={togglePanel}
              aria-expanded={panel}
            >
              Filters
            </Button>
          </Indicator>
          {!compact && <ColumnPicker columns={columnsState} />}
          {selection.ids.size > 0 && (
            <Group gap="xs" ml="auto">
              <Badge size="lg" variant="light">
                {count(selection.ids.size)} selected, {bytes(selection.totalSize)}
              </Badge>
              {rows.total !== undefined && selection.ids.size < rows.total && (
                <Button
                  size="xs"
                  variant="subtle"
                  onClick={() => queries.fetchQuery(itemIdsQuery(filter)).then(selection.replace)}
                >
                  Select all {count(rows.total)}
                </Button>
              )}
              <Button size="xs" variant="default" onClick={selection.clear}>
                Clear
              </Button>
              <Button size="xs" onClick={() => setWished({ ids: [...selection.ids], totalSize: selection.totalSize })}>
                Transcode…
              </Button>
            </Group>
          )}
        </Group>
        <div className={classes.body}>
          {panel && !compact && <aside className={classes.panel}>{filters}</aside>}
          <div className={classes.list}>
            <LibraryTable
              filter={filter}
              order={order}
              rows={rows}
              look={sight.look}
              columnsState={columnsState}
              compact={compact ?? false}
              selected={selection.ids}
              toggle={selection.toggle}
              toggleAll={toggleAll}
              sort={sort}
              open={open}
              empty={<NoMatch search={search} clear={() => change(withoutFilters({}))} />}
            />
          </div>
        </div>
      </Stack>
      <Drawer opened={panel && compact === true} onClose={closePanel} title="Filters" position="right" size="sm">
        {filters}
      </Drawer>
      <Details
        id={search.item}
        close={close}
        transcode={item => setWished({ ids: [item.id], totalSize: item.file_size ?? 0 })}
      />
      {wished && (
        <TranscodeDialog
          {...wished}
          close={() => setWished(null)}
          queued={() => [setWished(null), selection.clear()]}
        />
      )}
    </Page>
  );
}

function Counts({ rows }: { rows: Rows }) {
  if (rows.total === undefined) return "Counting…";
  return `${plural(rows.total, "item")}, ${bytes(rows.totalSize)}`;
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
        <Tooltip label="Columns">
          <ActionIcon variant="default" size={36} aria-label="Columns">
            <IconColumns3 size={18} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        {optionalColumns.map(({ id, label }) => {
          const shown = columns.visibility[id] !== false;
          const toggle = () => columns.setVisibility(before => ({ ...before, [id]: !shown }));
          return (
            <Menu.Item key={id} role="menuitemcheckbox" aria-checked={shown} onClick={toggle}>
              <Checkbox.Indicator checked={shown} size="xs" mr={8} style={{ verticalAlign: "middle" }} />
              {label}
            </Menu.Item>
          );
        })}
      </Menu.Dropdown>
    </Menu>
  );
}

function NoMatch({ search, clear }: { search: LibrarySearch; clear: () => void }) {
  const narrowed = Object.keys(filterOf(search)).length > 0;
  if (!narrowed) {
    return (
      <Empty icon={IconMovieOff} title="No media files yet">
        The libraries hold no media file that could be read. <Text span>A scan finds new ones</Text>: start it under
        Settings, Libraries.
      </Empty>
    );
  }
  return (
    <Empty
      icon={IconMovieOff}
      title="Nothing matches"
      actions={
        <Button variant="default" onClick={clear}>
          Show everything
        </Button>
      }
    >
      No file fits the search and the filters together.
    </Empty>
  );
}

function NoLibrary() {
  return (
    <Page title="Library">
      <Empty
        icon={IconFolderPlus}
        title="There is no library yet"
        actions={
          <Button component={Link} to="/welcome">
            Add a folder
          </Button>
        }
      >
        A library is a folder with films or series. MediaFlow reads it, and changes nothing until you say so.
      </Empty>
    </Page>
  );
}
