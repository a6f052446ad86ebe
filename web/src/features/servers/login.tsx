import { Group, NumberInput, PasswordInput, Stack, Text, Textarea, TextInput } from "@mantine/core";
import type { Server } from "../../api/types.ts";
import { Choice } from "../presets/choice.tsx";
import { inputOf, type Refused } from "../presets/refused.ts";
import { LOGINS, type Login, type ServerForm } from "./form.ts";

interface LoginFieldsProps {
  form: ServerForm;
  change: (next: Partial<ServerForm>) => void;
  /** Of which secrets may be kept already. */
  server: Server | null;
  refused: Refused;
}

/** Where a server is, and how it lets us in. */
export function LoginFields({ form, change, server, refused }: LoginFieldsProps) {
  const text = (field: "hostname" | "ssh_username" | "ssh_key_path" | "jump_host") => ({
    value: form[field],
    onChange: (event: { currentTarget: { value: string } }) => change({ [field]: event.currentTarget.value }),
    ...inputOf(field, refused),
  });
  return (
    <>
      <Group align="flex-start" wrap="nowrap">
        <TextInput
          label="Address"
          description="Or a name of ~/.ssh/config"
          placeholder="192.168.1.20"
          flex={1}
          {...text("hostname")}
        />
        <NumberInput
          label="Port"
          description="Of SSH"
          placeholder="22"
          w={90}
          min={1}
          max={65535}
          hideControls
          value={form.port}
          onChange={value => change({ port: typeof value === "number" ? value : "" })}
          {...inputOf("port", refused)}
        />
      </Group>
      <TextInput
        label="User"
        placeholder="As ~/.ssh/config says, else our own"
        autoComplete="off"
        {...text("ssh_username")}
      />
      <Stack gap="xs">
        <Choice
          label="Login"
          value={form.login}
          data={LOGINS.map(({ value, label }) => ({ value, label }))}
          change={login => change({ login: login as Login })}
        />
        <Text size="xs" c="dimmed">
          {LOGINS.find(login => login.value === form.login)?.note}
        </Text>
        {form.login === "key_file" && (
          <TextInput label="Key file" placeholder="/home/me/.ssh/id_ed25519" {...text("ssh_key_path")} />
        )}
        {form.login === "pasted_key" && (
          <Textarea
            label="Private key"
            placeholder={server?.has_private_key ? KEPT : "-----BEGIN OPENSSH PRIVATE KEY-----"}
            autosize
            minRows={3}
            maxRows={8}
            spellCheck={false}
            classNames={{ input: "mono" }}
            value={form.ssh_private_key}
            onChange={event => change({ ssh_private_key: event.currentTarget.value })}
            {...inputOf("ssh_private_key", refused)}
          />
        )}
        {(form.login === "pasted_key" || form.login === "key_file") && (
          <PasswordInput
            label="Passphrase"
            description="Only where the key has one"
            placeholder={server?.has_passphrase ? KEPT : ""}
            autoComplete="off"
            value={form.ssh_passphrase}
            onChange={event => change({ ssh_passphrase: event.currentTarget.value })}
            {...inputOf("ssh_passphrase", refused)}
          />
        )}
        {form.login === "password" && (
          <PasswordInput
            label="Password"
            placeholder={server?.has_password ? KEPT : ""}
            autoComplete="off"
            value={form.ssh_password}
            onChange={event => change({ ssh_password: event.currentTarget.value })}
            {...inputOf("ssh_password", refused)}
          />
        )}
      </Stack>
      <TextInput
        label="Jump host"
        description="The machine to go through, where it cannot be reached directly"
        placeholder="user@gate.example.org:22"
        {...text("jump_host")}
      />
    </>
  );
}

/** Stands in place of a secret that is known and not shown. */
const KEPT = "Kept; fill in to change it";
