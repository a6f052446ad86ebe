import { describe, expect, it } from "vitest";
import { crumbsOf, splitPath } from "./crumbs.ts";

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

it("a path is split into its folder and its last name", () => {
  expect(splitPath(" /media/my films/Heat.mkv ")).toEqual({ folder: "/media/my films", name: "Heat.mkv" });
  expect(splitPath("/media/")).toEqual({ folder: "/", name: "media" });
  expect(splitPath("/")).toEqual({ folder: "/", name: "" });
});
