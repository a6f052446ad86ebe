import { ActionIcon, Badge, Button, Card, FileButton, Group, SimpleGrid, Stack, Text, Tooltip } from "@mantine/core";
import { modals } from "@mantine/modals";
import {
  IconCopy,
  IconDownload,
  IconPencil,
  IconPlus,
  IconTrash,
  IconUpload,
  type TablerIcon,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { presetsQuery, useDeletePreset, useExportPreset, useImportPreset } from "../../api/presets.ts";
import type { Preset, PresetFields } from "../../api/types.ts";
import { Failure } from "../../ui/failure.tsx";
import { saveJson } from "../../ui/save.ts";
import { ListSkeleton } from "../../ui/skeleton.tsx";
import { showDone, showFailure } from "../../ui/toast.tsx";
import { PresetEditor } from "../presets/editor.tsx";
import { factsOf } from "../presets/facts.ts";
import { copyName } from "../presets/form.ts";

/** Everything that can be done to a file, under names. */
export function PresetSettings() {
  const { data, error, refetch } = useQuery(presetsQuery);
  if (error) return <Failure title="The presets could not be read" error={error} retry={() => void refetch()} />;
  if (!data) return <ListSkeleton rows={4} height={100} />;
  return (
    <Stack>
      <Group justify="flex-end">
        <ImportButton />
        <Button
          leftSection={<IconPlus size={16} aria-hidden />}
          onClick={() => openEditor("New preset", null, undefined, "")}
        >
          New preset
        </Button>
      </Group>
      <SimpleGrid cols={{ base: 1, lg: 2 }}>
        {data.map(preset => (
          <PresetCard key={preset.id} preset={preset} names={data.map(one => one.name)} />
        ))}
      </SimpleGrid>
    </Stack>
  );
}

function openEditor(title: string, id: number | null, preset: Preset | undefined, name: string) {
  const dialog = modals.open({
    title,
    size: "lg",
    children: <PresetEditor id={id} preset={preset} name={name} saved={() => modals.close(dialog)} />,
  });
}

function PresetCard({ preset, names }: { preset: Preset; names: string[] }) {
  const remove = useDeletePreset();
  const exported = useExportPreset();
  const { name } = preset;
  const askDelete = () =>
    modals.openConfirmModal({
      title: `Delete “${name}”?`,
      children: <Text size="sm">Jobs that were queued with it keep what they were told.</Text>,
      labels: { confirm: "Delete", cancel: "Keep it" },
      confirmProps: { color: "red" },
      onConfirm: () => remove.mutate(preset.id),
    });
  const save = () => exported.mutate(preset.id, { onSuccess: fields => saveJson(`${name}.json`, fields) });
  return (
    <Card component="article" aria-label={name}>
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <div>
          <Group gap={8}>
            <Text fw={600}>{name}</Text>
            {preset.is_builtin && (
              <Badge size="sm" variant="default">
                Built in
              </Badge>
            )}
          </Group>
          {preset.description && (
            <Text size="sm" c="dimmed">
              {preset.description}
            </Text>
          )}
        </div>
        <Group gap={2} wrap="nowrap">
          {!preset.is_builtin && (
            <Action
              icon={IconPencil}
              label={`Edit ${name}`}
              run={() => openEditor(`Edit ${name}`, preset.id, preset, name)}
            />
          )}
          <Action
            icon={IconCopy}
            label={`Copy ${name}`}
            run={() => openEditor(`Copy of ${name}`, null, preset, copyName(name, names))}
          />
          <Action icon={IconDownload} label={`Export ${name}`} run={save} />
          {!preset.is_builtin && <Action icon={IconTrash} label={`Delete ${name}`} run={askDelete} />}
        </Group>
      </Group>
      <Group gap={6} mt="sm">
        {factsOf(preset).map(fact => (
          <Badge key={fact} variant="light" color="gray" tt="none">
            {fact}
          </Badge>
        ))}
      </Group>
    </Card>
  );
}

function Action({ icon: Icon, label, run }: { icon: TablerIcon; label: string; run: () => void }) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color="gray" aria-label={label} onClick={run}>
        <Icon size={18} stroke={1.7} />
      </ActionIcon>
    </Tooltip>
  );
}

function ImportButton() {
  const importPreset = useImportPreset();
  const read = async (file: File | null) => {
    if (!file) return;
    try {
      const fields = JSON.parse(await file.text()) as PresetFields;
      importPreset.mutate(fields, { onSuccess: preset => showDone(`Imported: ${preset.name}`) });
    } catch {
      showFailure("The preset was not imported", `${file.name} is no JSON file. Choose one that was exported here.`);
    }
  };
  return (
    <FileButton onChange={file => void read(file)} accept="application/json,.json">
      {props => (
        <Button
          {...props}
          variant="default"
          leftSection={<IconUpload size={16} aria-hidden />}
          loading={importPreset.isPending}
        >
          Import
        </Button>
      )}
    </FileButton>
  );
}
