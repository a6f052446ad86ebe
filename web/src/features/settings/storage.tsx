import { Button, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { serversQuery, useSetMappings } from "../../api/servers.ts";
import { globalMappingsQuery, useSetSetting } from "../../api/settings.ts";
import type { PathMapping, Server } from "../../api/types.ts";
import { Failure } from "../../ui/failure.tsx";
import { ListSkeleton } from "../../ui/skeleton.tsx";
import { TextLink } from "../../ui/text-link.tsx";
import { filled, halfFilled } from "../servers/form.ts";
import { Mappings } from "../servers/mappings.tsx";
import { PathCheck } from "../servers/path-check.tsx";
import { isStorage } from "../servers/status.ts";
import { Section } from "./section.tsx";

/** Under which paths the servers see what lies here, for all of them and for each. */
export function StorageSettings() {
  const servers = useQuery(serversQuery);
  const mappings = useQuery(globalMappingsQuery);
  const error = servers.error ?? mappings.error;
  if (error) return <Failure title="The path mappings could not be read" error={error} />;
  if (!servers.data || !mappings.data) return <ListSkeleton rows={3} height={120} />;
  // One that only has libraries gets no jobs, so nothing has to appear there.
  const remote = servers.data.filter(server => !server.is_local && !isStorage(server));
  return (
    <Stack>
      <GlobalMappings key={JSON.stringify(mappings.data)} mappings={mappings.data} />
      {remote.map(server => (
        <ServerMappings key={`${server.id} ${JSON.stringify(server.path_mappings)}`} server={server} />
      ))}
      {remote.length > 0 ? (
        <Section
          title="Does this file appear?"
          note="Each server looks for it by its mappings, and compares its size, its beginning and its end."
        >
          <PathCheck servers={remote} />
        </Section>
      ) : (
        <Text size="sm" c="dimmed">
          There is no other server yet: they are added on the page <TextLink to="/servers">Servers</TextLink>.
        </Text>
      )}
    </Stack>
  );
}

function GlobalMappings({ mappings }: { mappings: readonly PathMapping[] }) {
  const set = useSetSetting();
  return (
    <Section
      title="Path mappings of all servers"
      note="Where servers have the same files under another path, such as a share of a NAS that they have mounted too: they are read there then, and not sent. The longest folder that fits wins."
    >
      <MappingsEditor
        mappings={mappings}
        isSaving={set.isPending}
        save={value => set.mutate({ key: "path_mappings", value })}
      />
    </Section>
  );
}

function ServerMappings({ server }: { server: Server }) {
  const set = useSetMappings();
  return (
    <Section title={`Path mappings of ${server.name}`} note="Go before those of all servers.">
      <MappingsEditor
        mappings={server.path_mappings ?? []}
        isSaving={set.isPending}
        save={path_mappings => set.mutate({ id: server.id, path_mappings })}
      />
    </Section>
  );
}

interface MappingsEditorProps {
  /** As they are saved. */
  mappings: readonly PathMapping[];
  isSaving: boolean;
  save: (mappings: PathMapping[]) => void;
}

function MappingsEditor({ mappings, isSaving, save }: MappingsEditorProps) {
  const [draft, setDraft] = useState<PathMapping[]>([...mappings]);
  const isChanged = JSON.stringify(filled(draft)) !== JSON.stringify(mappings);
  return (
    <>
      <Mappings mappings={draft} change={setDraft} />
      {isChanged && (
        <Group justify="flex-end">
          <Button variant="default" onClick={() => setDraft([...mappings])}>
            As it was
          </Button>
          <Button loading={isSaving} disabled={halfFilled(draft)} onClick={() => save(filled(draft))}>
            Save
          </Button>
        </Group>
      )}
    </>
  );
}
