import type { Job } from "../../api/types.ts";
import type { PresetChoice } from "../presets/chooser.tsx";
import { formOf } from "../presets/form.ts";

type Told = Pick<Job, "preset_id" | "preset_name" | "config_json">;

/** Chooses what a job was told: its preset, or its own settings where it has none, laid over the first preset. */
export function chooseAsFor({ preset_id, preset_name, config_json }: Told, choice: PresetChoice): void {
  // The remux has no id in the API.
  const isIts = (one: { id: number; name: string }) =>
    preset_id === null ? one.name === preset_name : one.id === preset_id;
  const preset = choice.all.find(isIts);
  const base = preset ?? choice.all[0];
  if (base) choice.choose(base);
  if (!preset && config_json) choice.change(formOf(config_json));
}
