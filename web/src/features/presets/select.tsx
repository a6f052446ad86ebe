import { Select } from "@mantine/core";
import type { Preset } from "../../api/types.ts";

interface PresetSelectProps {
  presets: readonly Preset[];
  preset: Preset;
  change: (preset: Preset) => void;
}

/** Chooses a preset, and says what it is for. */
export function PresetSelect({ presets, preset, change }: PresetSelectProps) {
  return (
    <Select
      label="Preset"
      description={preset.description}
      inputWrapperOrder={["label", "input", "description"]}
      data={presets.map(one => ({ value: String(one.id), label: one.name }))}
      value={String(preset.id)}
      onChange={value => {
        const next = presets.find(one => String(one.id) === value);
        if (next) change(next);
      }}
      allowDeselect={false}
      data-autofocus
    />
  );
}
