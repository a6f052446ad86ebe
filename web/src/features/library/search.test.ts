import { describe, expect, it } from "vitest";
import { activeFilters, chosen, filterOf, parseLibrarySearch, withFacet, withoutFilters } from "./search.ts";

describe("the address of the library page", () => {
  it("keeps what it knows and leaves out the rest", () => {
    const raw = { search: "night", library_id: "2", resolution: "4K,1080p", min_size: 5_000_000_000, evil: "<script>" };
    expect(parseLibrarySearch(raw)).toEqual({
      search: "night",
      library_id: 2,
      resolution: "4K,1080p",
      min_size: 5_000_000_000,
    });
  });

  it.each([
    [{ library_id: "x" }],
    [{ library_id: -1 }],
    [{ min_size: 1.5 }],
    [{ sort_order: "sideways" }],
    [{ search: "" }],
    [{ video_codec: { $gt: 1 } }],
  ])("does not trust %o", raw => expect(parseLibrarySearch(raw)).toEqual({}));

  it("takes a search for a number as text", () => {
    expect(parseLibrarySearch({ search: 1999 })).toEqual({ search: "1999" });
  });
});

describe("filters", () => {
  it("choose several values of one column, and let go of them", () => {
    const two = withFacet({ search: "a" }, "video_codec", ["h264", "mpeg4"]);
    expect(two).toEqual({ search: "a", video_codec: "h264,mpeg4" });
    expect(chosen(two, "video_codec")).toEqual(["h264", "mpeg4"]);
    expect(withFacet(two, "video_codec", [])).toEqual({ search: "a" });
  });

  it("are counted and cleared without the search and the order", () => {
    const search = { search: "a", sort_by: "year", video_codec: "h264", min_size: 1, item: 3 };
    expect(activeFilters(search)).toBe(2);
    expect(withoutFilters(search)).toEqual({ search: "a", sort_by: "year", item: 3 });
    expect(filterOf(search)).toEqual({ search: "a", video_codec: "h264", min_size: 1 });
  });
});
