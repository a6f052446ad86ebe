import { Card, Drawer, Stack, Text } from "@mantine/core";
import { useDisclosure, useMediaQuery } from "@mantine/hooks";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, lazyRouteComponent } from "@tanstack/react-router";
import { Suspense, useCallback, useState } from "react";
import { messageOf } from "../../api/error.ts";
import { librariesQuery } from "../../api/libraries.ts";
import { itemIdsQuery } from "../../api/library.ts";
import type { Item, Library } from "../../api/types.ts";
import { bytes, plural } from "../../ui/format.ts";
import { Page } from "../../ui/page.tsx";
import { ListSkeleton } from "../../ui/skeleton.tsx";
import { showFailure } from "../../ui/toast.tsx";
import { ScanStatus, useIsScanning } from "../libraries/scan-status.tsx";
import { useColumnsState } from "./columns-state.ts";
import { NoLibrary, NoMatch } from "./nothing.tsx";
import classes from "./page.module.css";
import { type Rows, useRows, useSight } from "./rows.ts";
import { filterOf, type LibrarySearch, orderOf, withoutFilters } from "./search.ts";
import { useSelection } from "./selection.ts";
import { LibraryTable } from "./table.tsx";
import { SelectionBar, Toolbar } from "./toolbar.tsx";

const route = getRouteApi("/library");

// What opens later is read later.
const Details = lazyRouteComponent(() => import("./details.tsx"), "Details");
const Filters = lazyRouteComponent(() => import("./filters.tsx"), "Filters");
const TranscodeDialog = lazyRouteComponent(() => import("../transcode/dialog.tsx"), "TranscodeDialog");

/** Every media file of every library. */
export function LibraryPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = useCallback(
    (next: LibrarySearch, replace = false) => void navigate({ search: next, replace }),
    [navigate],
  );
  const filter = filterOf(search);
  const order = orderOf(search);
  const sight = useSight();
  const rows = useRows(filter, order, sight.pages);
  const columnsState = useColumnsState();
  const compact = useMediaQuery("(max-width: 48em)", false, { getInitialValueInEffect: false });
  const selection = useSelection();
  const queries = useQueryClient();
  const libraries = useQuery(librariesQuery);
  const [panel, { toggle: togglePanel, close: closePanel }] = useDisclosure(false);
  const [wished, setWished] = useState<{ ids: number[]; totalSize: number } | null>(null);

  const selectAll = () => {
    const all = queries.fetchQuery(itemIdsQuery(filter));
    all.then(selection.replace, error => showFailure("Nothing was selected", messageOf(error)));
  };
  const sort = (id: string) => {
    const descends = order.sort_by === id && order.sort_order === "asc";
    const { sort_order: _, ...rest } = search;
    change({ ...rest, sort_by: id, ...(descends && { sort_order: "desc" }) });
  };
  const open = useCallback(
    (item: Item) => void navigate({ search: before => ({ ...before, item: item.id }) }),
    [navigate],
  );
  const close = () => {
    const { item: _, ...rest } = search;
    change(rest);
  };

  if (libraries.data?.length === 0) return <NoLibrary />;
  const filters = (
    <Suspense fallback={<ListSkeleton rows={8} height={22} />}>
      <Filters search={search} change={next => change(next, true)} />
    </Suspense>
  );
  return (
    <Page title="Library" subtitle={<Counts rows={rows} />}>
      <Stack gap="sm">
        {libraries.data?.map(library => (
          <ScanNotice key={library.id} library={library} />
        ))}
        <Toolbar
          libraries={libraries.data ?? []}
          search={search}
          change={change}
          isPanelOpen={panel}
          togglePanel={togglePanel}
          columns={compact ? null : columnsState}
        >
          {selection.ids.size > 0 && (
            <SelectionBar
              selection={selection}
              total={rows.total}
              selectAll={selectAll}
              transcode={() => setWished({ ids: [...selection.ids], totalSize: selection.totalSize })}
            />
          )}
        </Toolbar>
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
              toggleAll={() => (selection.ids.size > 0 ? selection.clear() : selectAll())}
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
      <Drawer
        opened={search.item !== undefined}
        onClose={close}
        position="right"
        size="lg"
        title="Details"
        closeButtonProps={{ "aria-label": "Close the details" }}
      >
        {search.item !== undefined && (
          <Suspense fallback={<ListSkeleton />}>
            <Details
              id={search.item}
              transcode={item => setWished({ ids: [item.id], totalSize: item.file_size ?? 0 })}
            />
          </Suspense>
        )}
      </Drawer>
      {wished && (
        <Suspense>
          <TranscodeDialog
            {...wished}
            close={() => setWished(null)}
            queued={() => [setWished(null), selection.clear()]}
          />
        </Suspense>
      )}
    </Page>
  );
}

function Counts({ rows }: { rows: Rows }) {
  if (rows.total === undefined) return "Counting…";
  return `${plural(rows.total, "item")}, ${bytes(rows.totalSize)}`;
}

/** A scan under way: the list grows while it runs. */
function ScanNotice({ library }: { library: Library }) {
  if (!useIsScanning(library)) return null;
  return (
    <Card padding="sm">
      <Text size="sm" mb={4}>
        Scanning {library.title}
      </Text>
      <ScanStatus library={library} />
    </Card>
  );
}
