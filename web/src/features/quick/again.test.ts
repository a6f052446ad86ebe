import { expect, it, vi } from "vitest";
import type { Preset } from "../../api/types.ts";
import type { PresetChoice } from "../presets/chooser.tsx";
import { REMUX } from "../presets/remux.ts";
import { chooseAsFor } from "./again.ts";

const balanced = { ...REMUX, id: 1, name: "Balanced", video_codec: "libx265" } as Preset;
const saver = { ...balanced, id: 2, name: "Storage Saver" };

function choice() {
  const [choose, change] = [vi.fn(), vi.fn()];
  const rest = { error: null, read: () => {}, preset: balanced, changed: null, wish: undefined, settled: undefined };
  return { all: [balanced, saver, REMUX], choose, change, ...rest } satisfies PresetChoice;
}

it("a job is done once more with its own preset", () => {
  for (const [preset_id, preset_name, expected] of [
    [2, "Storage Saver", saver],
    [null, "Remux", REMUX],
  ] as const) {
    const made = choice();
    chooseAsFor({ preset_id, preset_name, config_json: { crf_value: 30 } }, made);
    expect(made.choose).toHaveBeenCalledExactlyOnceWith(expected);
    expect(made.change).not.toHaveBeenCalled();
  }
});

it("a job without a preset is done once more with its own settings", () => {
  const made = choice();
  chooseAsFor({ preset_id: null, preset_name: "Custom", config_json: { crf_value: 30, container: "mp4" } }, made);
  expect(made.choose).toHaveBeenCalledExactlyOnceWith(balanced);
  expect(made.change).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ crf_value: 30, container: "mp4" }));
});
