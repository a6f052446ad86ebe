import { Button, Group, Modal, NumberInput, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { useSaveServer, useTryServer } from "../../api/servers.ts";
import type { Server } from "../../api/types.ts";
import { showDone } from "../../ui/toast.tsx";
import { inputOf, refusedBy } from "../presets/refused.ts";
import { fieldsOf, formOf, missingOf, type ServerForm, tryOf } from "./form.ts";
import { LoginFields } from "./login.tsx";
import { Mappings } from "./mappings.tsx";
import { Tested } from "./tested.tsx";

interface ServerDialogProps {
  /** The server to change; null adds one. */
  server: Server | null;
  close: () => void;
}

/** Adds a server, or changes one. */
export function ServerDialog({ server, close }: ServerDialogProps) {
  const isLocal = server?.is_local ?? false;
  const [form, setForm] = useState(() => formOf(server));
  const save = useSaveServer();
  const test = useTryServer();
  const refused = refusedBy(save.error ?? test.error);
  const change = (next: Partial<ServerForm>) => {
    // What was said belongs to what was tried.
    save.reset();
    test.reset();
    setForm({ ...form, ...next });
  };
  const missing = missingOf(form, isLocal);
  const submit = () =>
    save.mutate(
      { id: server?.id ?? null, ...fieldsOf(form, server) },
      {
        onSuccess: saved => {
          showDone(server ? `Saved: ${saved.name}` : `${saved.name} was added.`);
          close();
        },
      },
    );
  return (
    <Modal opened onClose={close} size="lg" title={server ? `Edit ${server.name}` : "Add a server"}>
      <form
        onSubmit={event => {
          event.preventDefault();
          if (!missing) submit();
        }}
      >
        <Stack>
          <TextInput
            label="Name"
            placeholder="Gaming PC"
            maxLength={100}
            data-autofocus
            value={form.name}
            onChange={event => change({ name: event.currentTarget.value })}
            {...inputOf("name", refused)}
          />
          {!isLocal && <LoginFields form={form} change={change} server={server} refused={refused} />}
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
            <div>
              <Text size="sm" fw={500}>
                Path mappings
              </Text>
              <Text size="xs" c="dimmed" mb={6}>
                Where it sees folders of this machine itself, such as a share of the NAS, nothing has to be sent.
              </Text>
              <Mappings mappings={form.path_mappings} change={path_mappings => change({ path_mappings })} />
            </div>
          )}
          {test.data && (
            <Tested answer={test.data} server={server} forgotten={() => test.mutate(tryOf(form, server))} />
          )}
          <Group justify="flex-end" className="dialog-footer">
            {missing && (
              <Text size="sm" c="dimmed" mr="auto">
                {missing}
              </Text>
            )}
            {!isLocal && (
              <Button
                variant="default"
                disabled={missing !== undefined}
                loading={test.isPending}
                onClick={() => test.mutate(tryOf(form, server))}
              >
                Test the connection
              </Button>
            )}
            <Button type="submit" disabled={missing !== undefined} loading={save.isPending}>
              {server ? "Save" : "Add the server"}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
