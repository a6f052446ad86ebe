/** The columns that can be filtered by a list of values. */
export const FACETS = ["resolution", "video_codec", "hdr_format", "audio_codec", "container"] as const;
export type FacetName = (typeof FACETS)[number];

/** The bounds that can be set, as the API takes them: kbit/s and bytes. */
export const BOUNDS = ["min_bitrate", "max_bitrate", "min_size", "max_size"] as const;
export type BoundName = (typeof BOUNDS)[number];

/** What the library page shows; all of it is in the page's address, so that it can be kept and shared. */
export interface LibrarySearch extends Partial<Record<FacetName, string>>, Partial<Record<BoundName, number>> {
  search?: string;
  library_id?: number;
  sort_by?: string;
  sort_order?: "desc";
  /** The item whose details are open. */
  item?: number;
}

/** Takes what it knows from an address, and leaves out the rest. */
export function parseLibrarySearch(raw: Record<string, unknown>): LibrarySearch {
  const parsed: LibrarySearch = {};
  const search = text(raw.search);
  if (search) parsed.search = search;
  const sortBy = text(raw.sort_by);
  if (sortBy) parsed.sort_by = sortBy;
  if (raw.sort_order === "desc") parsed.sort_order = "desc";
  for (const name of ["library_id", "item"] as const) {
    const id = whole(raw[name]);
    if (id !== undefined && id > 0) parsed[name] = id;
  }
  for (const name of FACETS) {
    const values = text(raw[name]);
    if (values) parsed[name] = values;
  }
  for (const name of BOUNDS) {
    const bound = whole(raw[name]);
    if (bound !== undefined) parsed[name] = bound;
  }
  return parsed;
}

/** The values of a facet that are chosen. */
export function chosen(search: LibrarySearch, name: FacetName): string[] {
  return search[name]?.split(",") ?? [];
}

/** The search with these values of a facet chosen; none leaves the column out of the filter. */
export function withFacet(search: LibrarySearch, name: FacetName, values: string[]): LibrarySearch {
  const { [name]: _, ...rest } = search;
  return values.length > 0 ? { ...rest, [name]: values.join(",") } : rest;
}

/** What narrows the list, as the API's filters take it: without order and open item. */
export function filterOf(search: LibrarySearch): Omit<LibrarySearch, "sort_by" | "sort_order" | "item"> {
  const { sort_by: _by, sort_order: _order, item: _item, ...filter } = search;
  return filter;
}

/** The order of the list, as the API takes it. */
export function orderOf(search: LibrarySearch): { sort_by: string; sort_order: "asc" | "desc" } {
  return { sort_by: search.sort_by ?? "title", sort_order: search.sort_order ?? "asc" };
}

/** How many filters are set in the panel; the search field and the library menu show themselves. */
export function activeFilters(search: LibrarySearch): number {
  return [...FACETS, ...BOUNDS].filter(name => search[name] !== undefined).length;
}

/** Only what is outside of the filter panel. */
export function withoutFilters(search: LibrarySearch): LibrarySearch {
  const kept = { ...search };
  for (const name of [...FACETS, ...BOUNDS]) delete kept[name];
  return kept;
}

function text(value: unknown): string | undefined {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value !== "" ? value : undefined;
}

function whole(value: unknown): number | undefined {
  const number = typeof value === "string" ? Number(value) : value;
  return typeof number === "number" && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}
