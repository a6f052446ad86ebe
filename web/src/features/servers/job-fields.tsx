import { Group, NumberInput, Stack, Text, TextInput } from "@mantine/core";
import type { Server } from "../../api/types.ts";
import { inputOf, type Refused } from "../presets/refused.ts";
import { filled, halfFilled, type ServerForm } from "./form.ts";
import { Mappings } from "./mappings.tsx";
import { PathCheck } from "./path-check.tsx";

interface JobFieldsProps {
  form: ServerForm;
  change: (next: Partial<ServerForm>) => void;
  /** As it is saved; null for one that is not. */
  server: Server | null;
  refused: Refused;
}

/** Where a server works, how much at a time, and which files it sees itself. */
export function JobFields({ form, change, server, refused }: JobFieldsProps) {
  const isLocal = server?.is_local ?? false;
  return (
    <>
      <Group align="flex-start" grow preventGrowOverflow={false}>
        {!isLocal && (
          <TextInput
            label="Working directory"
            description="On that machine, with room for a source and a result"
            value={form.working_directory}
            onChange={event => change({ working_directory: event.currentTarget.value })}
            {...inputOf("working_directory", refused)}
          />
        )}
        <NumberInput
          label="Jobs at a time"
          description="One fills most machines"
          min={1}
          max={64}
          value={form.max_concurrent_jobs}
          onChange={value => change({ max_concurrent_jobs: typeof value === "number" ? value : "" })}
          {...inputOf("max_concurrent_jobs", refused)}
        />
      </Group>
      {!isLocal && (
        <section aria-label="Path mappings">
          <Text size="sm" fw={500}>
            Path mappings
          </Text>
          <Text size="xs" c="dimmed" mb={6}>
            Does that machine have the same files, such as a share of a NAS that both have mounted? Say under which
            path: they are read there then, and not sent.
          </Text>
          <Stack>
            <Mappings mappings={form.path_mappings} change={path_mappings => change({ path_mappings })} />
            {server && filled(form.path_mappings).length > 0 && !halfFilled(form.path_mappings) && (
              <section aria-label="Does this file appear?">
                <Text size="sm" fw={500}>
                  Does this file appear?
                </Text>
                <Text size="xs" c="dimmed" mb={6}>
                  It is looked for by these mappings, which need not be saved yet.
                </Text>
                <PathCheck servers={[server]} mappings={filled(form.path_mappings)} />
              </section>
            )}
            {!server && form.path_mappings.length > 0 && (
              <Text size="xs" c="dimmed">
                Once the server is added, Edit has “Does this file appear?” to try them.
              </Text>
            )}
          </Stack>
        </section>
      )}
    </>
  );
}
