import { useQueries } from "@tanstack/react-query";
import { useCallback, useRef, useState } from "react";
import { type ItemFilter, type ItemOrder, itemsQuery, ROWS_PER_PAGE } from "../../api/library.ts";
import type { Item } from "../../api/types.ts";

/** The part of a long list that is looked at. */
export interface Rows {
  /** Items there are; undefined until the first answer. */
  total: number | undefined;
  totalSize: number;
  /** The item at a place, once it is read. */
  at: (index: number) => Item | undefined;
  error: unknown;
  retry: () => void;
}

/** The pages, from 1, that hold the rows from `first` to `last`. */
export function pagesOf(first: number, last: number): number[] {
  const from = Math.floor(Math.max(0, first) / ROWS_PER_PAGE) + 1;
  const to = Math.floor(Math.max(first, last, 0) / ROWS_PER_PAGE) + 1;
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

/** The pages that are looked at, which change less often than the rows. */
export function useSight() {
  const [pages, setPages] = useState(() => pagesOf(0, 0));
  const look = useCallback((first: number, last: number) => {
    const next = pagesOf(first, last);
    setPages(before => (before[0] === next[0] && before.length === next.length ? before : next));
  }, []);
  return { pages, look };
}

/** Reads only the pages that are looked at; pages that are scrolled past are not waited for. */
export function useRows(filter: ItemFilter, order: ItemOrder, pages: readonly number[]): Rows {
  const answers = useQueries({ queries: pages.map(page => itemsQuery(filter, order, page)) });
  const newest = answers.find(answer => answer.data)?.data;
  // While the next page is on its way the list keeps its length, so that the scroll bar does not jump.
  const key = JSON.stringify(filter);
  const known = useRef<{ key: string; total: number; totalSize: number } | null>(null);
  if (newest) known.current = { key, total: newest.total, totalSize: newest.total_size };
  const kept = known.current?.key === key ? known.current : null;
  const failed = answers.find(answer => answer.isError);
  return {
    total: kept?.total,
    totalSize: kept?.totalSize ?? 0,
    at: index => {
      const place = pages.indexOf(Math.floor(index / ROWS_PER_PAGE) + 1);
      return answers[place]?.data?.items[index % ROWS_PER_PAGE];
    },
    error: failed?.error,
    retry: () => {
      for (const answer of answers) if (answer.isError) void answer.refetch();
    },
  };
}
