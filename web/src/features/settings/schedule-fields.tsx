import { Chip, Group, SegmentedControl, TextInput } from "@mantine/core";
import { useState } from "react";
import type { KnownSetting } from "../../api/types.ts";

interface FieldProps {
  setting: KnownSetting;
  save: (value: string) => void;
}

/** In the API's order, 0 for Monday. */
const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/** A time of day; saves when the field is left, and not while it is being typed. */
export function TimeField({ setting, save }: FieldProps) {
  const stored = String(setting.value);
  const [value, setValue] = useState(stored);
  return (
    <TextInput
      type="time"
      w={150}
      aria-label={setting.label}
      value={value}
      onChange={event => setValue(event.currentTarget.value)}
      onBlur={() => (value === "" ? setValue(stored) : value !== stored && save(value))}
    />
  );
}

/** Days of the week, of which one at least stays. */
export function DaysField({ setting, save }: FieldProps) {
  const chosen = String(setting.value).split(",");
  const change = (days: string[]) => days.length > 0 && save(days.sort().join(","));
  return (
    <Chip.Group multiple value={chosen} onChange={change}>
      <Group gap={4} role="group" aria-label={setting.label}>
        {DAYS.map((day, number) => (
          <Chip key={day} value={String(number)} size="xs">
            {day}
          </Chip>
        ))}
      </Group>
    </Chip.Group>
  );
}

/** One of a few words. */
export function ChoiceField({ setting, save }: FieldProps) {
  const words = setting.choices.map(word => ({ value: word, label: word.charAt(0).toUpperCase() + word.slice(1) }));
  return <SegmentedControl aria-label={setting.label} data={words} value={String(setting.value)} onChange={save} />;
}
