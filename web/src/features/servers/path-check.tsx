import { Badge, Button, Group, Stack, Table, Text, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { messageOf } from "../../api/error.ts";
import { checkPath } from "../../api/servers.ts";
import type { PathAnswer, Server } from "../../api/types.ts";
import { Section } from "./section.tsx";

/** What a server said of a file, or why it said nothing. */
type Seen = { server: Server; answer: PathAnswer } | { server: Server; trouble: string };

/** Asks the servers whether they see a file of this machine. */
export function PathCheck({ servers }: { servers: readonly Server[] }) {
  const [path, setPath] = useState("");
  const [seen, setSeen] = useState<readonly Seen[]>([]);
  const [isAsking, setAsking] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setAsking(true);
    const ask = async (server: Server): Promise<Seen> => {
      try {
        return { server, answer: await checkPath(server.id, path.trim()) };
      } catch (error) {
        return { server, trouble: messageOf(error) };
      }
    };
    setSeen(await Promise.all(servers.map(ask)));
    setAsking(false);
  };
  return (
    <Section
      title="Does this file appear?"
      note="Each server looks for it by its mappings, and compares its size, its beginning and its end."
    >
      <form onSubmit={event => void submit(event)}>
        <Group align="flex-end">
          <TextInput
            label="A file on this machine"
            placeholder="/media/films/Film (1999).mkv"
            flex="1 1 260px"
            value={path}
            onChange={event => setPath(event.currentTarget.value)}
          />
          <Button type="submit" variant="default" disabled={path.trim() === ""} loading={isAsking}>
            Look
          </Button>
        </Group>
      </form>
      {seen.length > 0 && (
        <Table verticalSpacing={6} aria-label="Which servers see it">
          <Table.Tbody>
            {seen.map(one => (
              <Row key={one.server.id} seen={one} />
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Section>
  );
}

function Row({ seen }: { seen: Seen }) {
  const { word, color, says } = saidOf(seen);
  return (
    <Table.Tr>
      <Table.Th fw={500}>{seen.server.name}</Table.Th>
      <Table.Td>
        <Stack gap={2} align="flex-start">
          <Badge size="sm" variant="light" color={color}>
            {word}
          </Badge>
          <Text size="sm" c="dimmed" className="break-anywhere">
            {says}
          </Text>
        </Stack>
      </Table.Td>
    </Table.Tr>
  );
}

function saidOf(seen: Seen): { word: string; color: string; says: string } {
  if ("trouble" in seen) return { word: "Not known", color: "orange", says: seen.trouble };
  const { mapped_path, found, same, message: says } = seen.answer;
  if (mapped_path === null) return { word: "Not mapped", color: "gray", says };
  if (!found) return { word: "Not there", color: "red", says };
  return same ? { word: "The same file", color: "teal", says } : { word: "Another file", color: "red", says };
}
