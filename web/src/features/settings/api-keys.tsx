import { Alert, Button, Code, CopyButton, Group, Table, Text, TextInput } from "@mantine/core";
import { modals } from "@mantine/modals";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { apiKeysQuery, useCreateKey, useRevokeKey } from "../../api/access.ts";
import { Failure } from "../../ui/failure.tsx";
import { When } from "../../ui/when.tsx";
import { Section } from "./section.tsx";

/** Keys by which other programs use the API. */
export function ApiKeys() {
  const { data: keys, error, refetch } = useQuery(apiKeysQuery);
  const create = useCreateKey();
  const revoke = useRevokeKey();
  const [name, setName] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate(name.trim(), { onSuccess: () => setName("") });
  };
  const askRevoke = (id: number, title: string) =>
    modals.openConfirmModal({
      title: `Revoke the key “${title}”?`,
      children: <Text size="sm">The program that uses it is refused from now on.</Text>,
      labels: { confirm: "Revoke", cancel: "Keep it" },
      confirmProps: { color: "red" },
      onConfirm: () => revoke.mutate(id),
    });
  return (
    <Section title="API keys" note="For other programs: sent as X-Api-Key, or as Authorization: Bearer">
      {error && <Failure title="The keys could not be read" error={error} retry={() => void refetch()} />}
      {create.data && <FreshKey key={create.data.id} secret={create.data.key} />}
      {keys && keys.length > 0 && (
        <Table.ScrollContainer minWidth={480} type="native">
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Name</Table.Th>
                <Table.Th>Begins with</Table.Th>
                <Table.Th>Made</Table.Th>
                <Table.Th>Last used</Table.Th>
                <Table.Th aria-label="Actions" />
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {keys.map(key => (
                <Table.Tr key={key.id}>
                  <Table.Td>{key.name}</Table.Td>
                  <Table.Td className="mono">{key.prefix}</Table.Td>
                  <Table.Td>
                    <When at={key.created_at} />
                  </Table.Td>
                  <Table.Td>{key.last_used_at ? <When at={key.last_used_at} /> : "never"}</Table.Td>
                  <Table.Td ta="right">
                    <Button
                      size="compact-sm"
                      variant="subtle"
                      color="red"
                      onClick={() => askRevoke(key.id, key.name)}
                      aria-label={`Revoke ${key.name}`}
                    >
                      Revoke
                    </Button>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      <form onSubmit={submit}>
        <Group align="flex-end">
          <TextInput
            label="New key for"
            placeholder="backup script"
            maxLength={100}
            value={name}
            onChange={event => setName(event.currentTarget.value)}
          />
          <Button type="submit" variant="default" disabled={name.trim() === ""} loading={create.isPending}>
            Make a key
          </Button>
        </Group>
      </form>
    </Section>
  );
}

/** A key that was just made: the only time that it is shown. */
function FreshKey({ secret }: { secret: string }) {
  return (
    <Alert color="teal" variant="light" title="Copy the key now: it is not shown again" role="status">
      <Group>
        <Code className="break-anywhere">{secret}</Code>
        <CopyButton value={secret}>
          {({ copied, copy }) => (
            <Button size="compact-sm" variant="default" onClick={copy}>
              {copied ? "Copied" : "Copy"}
            </Button>
          )}
        </CopyButton>
      </Group>
    </Alert>
  );
}
