import { Button, Group, NumberInput, Stack, Switch, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { knownSettingsQuery, useSetSetting } from "../../api/settings.ts";
import type { KnownSetting } from "../../api/types.ts";
import { Failure } from "../../ui/failure.tsx";
import { ListSkeleton } from "../../ui/skeleton.tsx";
import { ChoiceField, DaysField, TimeField } from "./schedule-fields.tsx";
import { Section } from "./section.tsx";

/** Parts of the page, by the first word of a setting's key. */
const GROUPS: { prefix: string; title: string }[] = [
  { prefix: "intel.", title: "Intelligence" },
  { prefix: "transcode.", title: "Queue" },
  { prefix: "transfer.", title: "Servers" },
  { prefix: "schedule.", title: "Active hours" },
  { prefix: "quarantine.", title: "Quarantine" },
  { prefix: "uploads.", title: "Quick Transcode" },
];
/** Has a button of its own on the queue's page. */
const SHOWN_ELSEWHERE = new Set(["transcode.queue_paused"]);

/** The limits by which MediaFlow decides. */
export function ThresholdSettings() {
  const { data, error, refetch } = useQuery(knownSettingsQuery);
  if (error) return <Failure title="The settings could not be read" error={error} retry={() => void refetch()} />;
  if (!data) return <ListSkeleton rows={3} height={120} />;
  return (
    <Stack>
      {GROUPS.map(({ prefix, title }) => (
        <Section key={prefix} title={title}>
          {data
            .filter(setting => setting.key.startsWith(prefix) && !SHOWN_ELSEWHERE.has(setting.key))
            .map(setting => (
              // A value that changed elsewhere begins the field anew.
              <SettingField key={`${setting.key} ${String(setting.value)}`} setting={setting} />
            ))}
        </Section>
      ))}
    </Stack>
  );
}

function SettingField({ setting }: { setting: KnownSetting }) {
  const set = useSetSetting();
  const save = (value: number | boolean | string | null) => set.mutate({ key: setting.key, value });
  const isDefault = setting.value === setting.default;
  return (
    <Group justify="space-between" align="center" wrap="wrap">
      <div style={{ flex: "1 1 320px" }}>
        <Text size="sm" fw={600}>
          {setting.label}
        </Text>
        <Text size="sm">{setting.description}</Text>
        <Text size="xs" c="dimmed" className="mono">
          {setting.key}
        </Text>
      </div>
      <Group gap="xs">
        {!isDefault && (
          <Button
            size="compact-sm"
            variant="subtle"
            onClick={() => save(null)}
            aria-label={`Default for ${setting.label}`}
          >
            Default ({String(setting.default)})
          </Button>
        )}
        <Field setting={setting} save={save} isSaving={set.isPending} />
      </Group>
    </Group>
  );
}

interface FieldProps {
  setting: KnownSetting;
  save: (value: number | boolean | string) => void;
  isSaving: boolean;
}

function Field({ setting, save, isSaving }: FieldProps) {
  switch (setting.kind) {
    case "boolean":
      return (
        <Switch
          aria-label={setting.label}
          checked={setting.value === true}
          disabled={isSaving}
          onChange={event => save(event.currentTarget.checked)}
        />
      );
    case "time":
      return <TimeField setting={setting} save={save} />;
    case "days":
      return <DaysField setting={setting} save={save} />;
    case "choice":
      return <ChoiceField setting={setting} save={save} />;
    default:
      return <NumberField setting={setting} save={save} />;
  }
}

/** Saves when the field is left or Enter is pressed, not with every key. */
function NumberField({ setting, save }: { setting: KnownSetting; save: (value: number) => void }) {
  const stored = Number(setting.value);
  const [value, setValue] = useState<number | "">(stored);
  const [problem, setProblem] = useState<string | null>(null);
  const commit = () => {
    const wrong = outside(value, setting);
    setProblem(wrong);
    // What was refused must not stand there as if it held, nor be saved at the next visit.
    if (wrong) setValue(stored);
    else if (value !== stored && value !== "") save(value);
  };
  return (
    <NumberInput
      w={120}
      aria-label={setting.label}
      {...(setting.minimum != null && { min: setting.minimum })}
      {...(setting.maximum != null && { max: setting.maximum })}
      clampBehavior="none"
      error={problem}
      allowDecimal={setting.kind === "number"}
      value={value}
      onChange={next => setValue(typeof next === "number" ? next : "")}
      onBlur={commit}
      onKeyDown={event => event.key === "Enter" && commit()}
    />
  );
}

function outside(value: number | "", { minimum, maximum }: KnownSetting): string | null {
  const fits = value !== "" && value >= (minimum ?? value) && value <= (maximum ?? value);
  return fits ? null : `From ${minimum ?? "any"} to ${maximum ?? "any"}`;
}
