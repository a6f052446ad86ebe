import { describe, expect, it } from "vitest";
import { crumbsOf } from "./crumbs.ts";

describe("the way to a folder", () => {
  it("leads from the places where one may begin", () => {
    expect(crumbsOf("/media/my films")).toEqual([
      { name: "Places", path: null },
      { name: "media", path: "/media" },
      { name: "my films", path: "/media/my films" },
    ]);
    expect(crumbsOf(null)).toEqual([{ name: "Places", path: null }]);
  });
});
