import { expect, it } from "vitest";
import type { Plan, Stream } from "../../../api/types.ts";
import { pairsOf } from "./pairs.ts";

const stream = (index: number, codec: string) => ({ index, codec, kind: "video" }) as Stream;
const planned = (source_index: number, description: string) =>
  ({ source_index, description }) as Plan["streams"][number];
const before = [stream(0, "h264"), stream(1, "dts"), stream(2, "subrip")];
const plan = {
  streams: [planned(0, "encoded"), planned(1, "copied"), planned(1, "a stereo track beside it")],
  dropped: [{ source_index: 2, source_codec: "subrip", reason: "not wanted" }],
};

it("streams are beside what became of them, however many that are", () => {
  const after = [stream(0, "hevc"), stream(1, "dts"), stream(2, "aac")];
  expect(pairsOf(before, plan, after).map(pair => [pair.after.map(one => one.codec), pair.decision])).toEqual([
    [["hevc"], "encoded"],
    [["dts", "aac"], "copied; a stereo track beside it"],
    [[], "left out: not wanted"],
  ]);
});

it("of an output that was not made to the plan nothing is said", () => {
  expect(pairsOf(before, plan, [stream(0, "hevc")]).every(pair => pair.after.length === 0)).toBe(true);
  expect(pairsOf(before, null, []).map(pair => pair.decision)).toEqual([undefined, undefined, undefined]);
});
