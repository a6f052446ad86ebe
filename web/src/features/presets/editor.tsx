import { Button, Group, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useState } from "react";
import { useSavePreset } from "../../api/presets.ts";
import type { Preset } from "../../api/types.ts";
import { showDone } from "../../ui/toast.tsx";
import { EncodeFields } from "./fields.tsx";
import { formOf, presetOf } from "./form.ts";
import { refusedBy } from "./refused.ts";

interface PresetEditorProps {
  /** The preset to change; null makes a new one. */
  id: number | null;
  /** What to begin with. */
  preset: Preset | undefined;
  name: string;
  saved: () => void;
}

/** Makes or changes a preset. */
export function PresetEditor({ id, preset, name, saved }: PresetEditorProps) {
  const save = useSavePreset();
  const [encode, setEncode] = useState(() => formOf(preset));
  const form = useForm({
    initialValues: { name, description: preset?.description ?? "" },
    validate: { name: value => (value.trim() === "" ? "A preset needs a name" : null) },
  });
  const submit = form.onSubmit(values =>
    save.mutate(
      { id, fields: presetOf(values.name, values.description, encode) },
      {
        onSuccess: preset => {
          showDone(`Saved: ${preset.name}`);
          saved();
        },
      },
    ),
  );
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput label="Name" maxLength={100} data-autofocus {...form.getInputProps("name")} />
        <TextInput label="Description" {...form.getInputProps("description")} />
        <EncodeFields
          form={encode}
          change={next => {
            save.reset();
            setEncode(next);
          }}
          refused={refusedBy(save.error)}
          sent={save.error}
        />
        <Group justify="flex-end" className="dialog-footer">
          <Button type="submit" loading={save.isPending}>
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
