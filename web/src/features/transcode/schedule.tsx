import { Collapse, Stack, Switch, TextInput } from "@mantine/core";
import { at, inAnHour } from "./instant.ts";

interface ScheduleProps {
  /** What stands in the field, in the browser's own zone; null for as soon as its turn comes. */
  local: string | null;
  change: (local: string | null) => void;
}

/** When jobs may be begun at the earliest. */
export function Schedule({ local, change }: ScheduleProps) {
  const isPast = local !== null && (at(local) ?? "") <= new Date().toISOString();
  return (
    <Stack gap="xs">
      <Switch
        label="Not before a certain time"
        checked={local !== null}
        onChange={event => change(event.currentTarget.checked ? inAnHour() : null)}
      />
      <Collapse expanded={local !== null}>
        <TextInput
          type="datetime-local"
          label="Not before"
          description={
            isPast ? "That is over: it begins when its turn comes" : "Begins then, or later when its turn comes"
          }
          value={local ?? ""}
          onChange={event => change(event.currentTarget.value)}
          maw={260}
        />
      </Collapse>
    </Stack>
  );
}
