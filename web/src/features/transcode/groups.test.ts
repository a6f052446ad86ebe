import { describe, expect, it } from "vitest";
import { alreadyMatroska, leftOutOf, namesOf, skippedOf } from "./groups.ts";

const file = (media_item_id: number, title: string, path: string, left_out_because: string | null = null) => ({
  ...{ media_item_id, title, path, left_out_because },
});

const files = [
  file(1, "Heat", "Heat.mkv"),
  file(2, "Alien", "Alien.mkv", "failed before"),
  file(3, "Heat", "b/Heat.mp4"),
  file(4, "Brazil", "Brazil.MKV"),
];

describe("files by their names", () => {
  it("are told apart by their paths where titles are the same", () => {
    expect([...namesOf(files).values()]).toEqual(["Heat · Heat.mkv", "Alien", "Heat · b/Heat.mp4", "Brazil"]);
  });

  it("say which of them a forecast leaves out, as far as they are named", () => {
    const left_out = [{ reason: "failed before", files: 7 }];
    const sums = { jobs: 3, foretold_jobs: 3, source_size: 1, estimated_output_size: 1 };
    expect(leftOutOf({ ...sums, left_out, files })).toEqual([{ reason: "failed before", files: 7, names: ["Alien"] }]);
  });

  it("say which of them were not queued, the most frequent reason first", () => {
    const skipped = [
      { media_item_id: 2, reason: "failed before" },
      { media_item_id: 4, reason: "in the queue" },
      { media_item_id: 9, reason: "in the queue" },
    ];
    expect(skippedOf(skipped, namesOf(files))).toEqual([
      { reason: "in the queue", files: 2, names: ["Brazil"] },
      { reason: "failed before", files: 1, names: ["Alien"] },
    ]);
  });

  it("say which of them a remux would leave as they are", () => {
    expect(alreadyMatroska(files)).toEqual(["Heat · Heat.mkv", "Brazil"]);
  });
});
