import { ActionIcon, Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { IconArrowRight, IconPlus, IconX } from "@tabler/icons-react";
import type { PathMapping } from "../../api/types.ts";
import { mappingProblem } from "./form.ts";
import classes from "./servers.module.css";

interface MappingsProps {
  mappings: readonly PathMapping[];
  change: (mappings: PathMapping[]) => void;
}

/** Under which path a server sees a folder of this machine. */
export function Mappings({ mappings, change }: MappingsProps) {
  const set = (place: number, next: Partial<PathMapping>) =>
    change(mappings.map((mapping, at) => (at === place ? { ...mapping, ...next } : mapping)));
  return (
    <Stack gap="xs">
      {mappings.length === 0 && (
        <Text size="sm" c="dimmed">
          None: files are sent over the connection.
        </Text>
      )}
      {mappings.map((mapping, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row is known by its place only, while it is typed
        <div key={place} className={classes.mapping}>
          <TextInput
            aria-label={`Mapping ${place + 1}: folder on this machine`}
            placeholder="/media on this machine"
            value={mapping.source_prefix}
            error={mappingProblem(mapping.source_prefix)}
            onChange={event => set(place, { source_prefix: event.currentTarget.value })}
          />
          <IconArrowRight size={16} aria-hidden className={classes.arrow} />
          <TextInput
            aria-label={`Mapping ${place + 1}: the same folder there`}
            placeholder="/mnt/nas there"
            value={mapping.target_prefix}
            error={mappingProblem(mapping.target_prefix)}
            onChange={event => set(place, { target_prefix: event.currentTarget.value })}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            aria-label={`Remove mapping ${place + 1}`}
            onClick={() => change(mappings.filter((_, at) => at !== place))}
          >
            <IconX size={16} />
          </ActionIcon>
        </div>
      ))}
      <Group>
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<IconPlus size={14} aria-hidden />}
          onClick={() => change([...mappings, { source_prefix: "", target_prefix: "" }])}
        >
          Add a mapping
        </Button>
      </Group>
    </Stack>
  );
}
