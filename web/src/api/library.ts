import { queryOptions } from "@tanstack/react-query";
import { api, bodyOf } from "./client.ts";
import { keys } from "./keys.ts";
import type { paths } from "./schema.d.ts";

type ItemQuery = NonNullable<paths["/api/library/items"]["get"]["parameters"]["query"]>;
/** What narrows the library. */
export type ItemFilter = NonNullable<paths["/api/library/item-ids"]["get"]["parameters"]["query"]>;
export type ItemOrder = Pick<ItemQuery, "sort_by" | "sort_order">;

/** Rows read at once while scrolling. */
export const ROWS_PER_PAGE = 200;
/** Pages that were scrolled past are forgotten soon: a long scroll must not keep the whole library. */
const FORGET_MS = 60_000;

/** One page of the library, from 1. */
export function itemsQuery(filter: ItemFilter, order: ItemOrder, page: number) {
  const query = { ...filter, ...order, page, page_size: ROWS_PER_PAGE };
  return queryOptions({
    queryKey: [...keys.library, "items", filter, order, page],
    queryFn: ({ signal }) => bodyOf(api.GET("/api/library/items", { params: { query }, signal })),
    gcTime: FORGET_MS,
  });
}

/** How many items each value of each column has. */
export function facetsQuery(filter: ItemFilter) {
  return queryOptions({
    queryKey: [...keys.library, "facets", filter],
    queryFn: ({ signal }) => bodyOf(api.GET("/api/library/facets", { params: { query: filter }, signal })),
  });
}

/** The first items that a few letters of a title or a path find. */
export function foundItemsQuery(search: string, page_size: number) {
  const query = { search, page: 1, page_size };
  return queryOptions({
    queryKey: [...keys.library, "found", query],
    queryFn: ({ signal }) => bodyOf(api.GET("/api/library/items", { params: { query }, signal })),
    gcTime: FORGET_MS,
  });
}

/** The ids of everything that matches. */
export function itemIdsQuery(filter: ItemFilter) {
  return queryOptions({
    queryKey: [...keys.library, "ids", filter],
    queryFn: ({ signal }) => bodyOf(api.GET("/api/library/item-ids", { params: { query: filter }, signal })),
    gcTime: FORGET_MS,
  });
}

/** Everything known of one item. */
export function itemDetailsQuery(item_id: number) {
  return queryOptions({
    queryKey: [...keys.library, "details", item_id],
    queryFn: ({ signal }) =>
      bodyOf(api.GET("/api/library/items/{item_id}/details", { params: { path: { item_id } }, signal })),
  });
}
