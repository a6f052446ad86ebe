import { Alert, Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { messageOf } from "../../api/error.ts";
import { useSaveServer, useTryServer } from "../../api/servers.ts";
import type { Server } from "../../api/types.ts";
import { showDone } from "../../ui/toast.tsx";
import { Choice } from "../presets/choice.tsx";
import { goToRefused, inputOf, refusedBy } from "../presets/refused.ts";
import { fieldsOf, formOf, missingOf, ROLES, type Role, type ServerForm, tryOf } from "./form.ts";
import { JobFields } from "./job-fields.tsx";
import { LoginFields } from "./login.tsx";
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
  const failed = save.error ?? test.error;
  const refused = refusedBy(failed);
  const root = useRef<HTMLFormElement>(null);
  // In a long dialog the field may be out of sight.
  useEffect(() => {
    if (failed) goToRefused(root.current, refusedBy(failed));
  }, [failed]);
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
        ref={root}
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
          {!isLocal && (
            <div>
              <Choice
                label="What it does"
                value={form.role}
                data={ROLES.map(({ value, label }) => ({ value, label }))}
                change={role => change({ role: role as Role })}
              />
              <Text size="xs" c="dimmed" mt={6}>
                {ROLES.find(role => role.value === form.role)?.note}
              </Text>
            </div>
          )}
          {!isLocal && <LoginFields form={form} change={change} server={server} refused={refused} />}
          {form.role === "transcode" && <JobFields form={form} change={change} server={server} refused={refused} />}
          {test.data && (
            <Tested answer={test.data} server={server} forgotten={() => test.mutate(tryOf(form, server))} />
          )}
          <Stack gap="xs" className="dialog-footer">
            {failed && (
              <Alert
                color="red"
                variant="light"
                role="alert"
                title={save.error ? "The server was not saved" : "The connection was not tested"}
              >
                {messageOf(failed)}
              </Alert>
            )}
            <Group justify="flex-end">
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
        </Stack>
      </form>
    </Modal>
  );
}
