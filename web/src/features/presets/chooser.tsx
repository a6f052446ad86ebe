import { Collapse, Switch } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { presetsQuery } from "../../api/presets.ts";
import type { Preset } from "../../api/types.ts";
import { Failure } from "../../ui/failure.tsx";
import { EncodeFields } from "./fields.tsx";
import { configOf, type EncodeForm, formOf } from "./form.ts";
import type { Refused } from "./refused.ts";
import { type PresetWish, REMUX, wishOf } from "./remux.ts";
import { PresetSelect } from "./select.tsx";

/** A preview is asked for when the fields come to rest. */
const PREVIEW_PAUSE_MS = 400;

/** A preset that is being chosen, and what is changed of it for the files at hand. */
export interface PresetChoice {
  /** Every preset, and the remux. */
  all: readonly Preset[];
  /** Why they could not be read, and how to try again. */
  error: Error | null;
  read: () => void;
  /** None while the presets are not known. */
  preset: Preset | undefined;
  changed: EncodeForm | null;
  choose: (preset: Preset) => void;
  change: (form: EncodeForm | null) => void;
  /** How to ask for it. */
  wish: PresetWish | undefined;
  /** The same, as it was when the fields last came to rest: for previews. */
  settled: PresetWish | undefined;
}

/** Begins with the preset of a name, else with the first. */
export function usePresetChoice(startWith?: string): PresetChoice {
  const presets = useQuery(presetsQuery);
  const [chosen, setChosen] = useState<Preset | null>(null);
  const [changed, setChanged] = useState<EncodeForm | null>(null);
  const all = presets.data && [...presets.data, REMUX];
  const [settled] = useDebouncedValue(changed, PREVIEW_PAUSE_MS);
  const preset = chosen ?? all?.find(one => one.name === startWith) ?? all?.[0];
  return {
    all: all ?? [],
    error: presets.error,
    read: () => void presets.refetch(),
    preset,
    changed,
    choose: next => {
      setChosen(next);
      setChanged(null);
    },
    change: setChanged,
    wish: preset && wishOf(preset, changed && configOf(changed)),
    settled: preset && wishOf(preset, changed && settled && configOf(settled)),
  };
}

interface PresetChooserProps {
  choice: PresetChoice;
  refused: Refused;
  /** What was refused when it was sent, whose first field is shown. */
  sent: unknown;
  /** Called when something else is chosen. */
  touched?: () => void;
}

/** Chooses a preset, and changes it for the files at hand. */
export function PresetChooser({ choice, refused, sent, touched }: PresetChooserProps) {
  const { all, preset, changed, error, read } = choice;
  const change = (form: EncodeForm | null) => {
    choice.change(form);
    touched?.();
  };
  return (
    <>
      {error && <Failure title="The presets could not be read" error={error} retry={read} />}
      {preset && (
        <>
          <PresetSelect
            presets={all}
            preset={preset}
            change={next => {
              choice.choose(next);
              touched?.();
            }}
          />
          <Switch
            label="Change it for these files"
            checked={changed !== null}
            onChange={event => change(event.currentTarget.checked ? formOf(preset) : null)}
          />
          <Collapse expanded={changed !== null}>
            {changed && <EncodeFields form={changed} change={change} refused={refused} sent={sent} />}
          </Collapse>
        </>
      )}
    </>
  );
}
