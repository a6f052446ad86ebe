import { Badge, Button, Group, Stack, Table, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { ApiError, messageOf } from "../../api/error.ts";
import { pathCheckQuery } from "../../api/servers.ts";
import type { PathAnswer, PathMapping, Server } from "../../api/types.ts";

interface PathCheckProps {
  servers: readonly Server[];
  /** What is looked at instead of a server's own mappings: those that are typed in and not saved yet. */
  mappings?: PathMapping[];
}

/** What was asked for; each time anew. */
interface Asked {
  path: string;
  mappings: PathMapping[] | null;
  time: number;
}

/** Asks servers whether they see a file of this machine. Each answers for itself: one that is silent holds up no other. */
export function PathCheck({ servers, mappings }: PathCheckProps) {
  const [path, setPath] = useState("");
  const [asked, setAsked] = useState<Asked | null>(null);
  const canAsk = path.trim() !== "";
  const ask = () => canAsk && setAsked({ path: path.trim(), mappings: mappings ?? null, time: Date.now() });
  const answers = useRef<HTMLTableElement>(null);
  // In a long dialog they appear below what is in sight.
  // biome-ignore lint/correctness/useExhaustiveDependencies: every time that is asked they are to be seen
  useEffect(() => void answers.current?.scrollIntoView({ block: "center" }), [asked]);
  // No form of its own: it may stand in one, whose button Enter would press.
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    ask();
  };
  return (
    <Stack gap="xs">
      <Group align="flex-end">
        <TextInput
          label="A file on this machine"
          placeholder="/media/films/Film (1999).mkv"
          flex="1 1 260px"
          value={path}
          onChange={event => setPath(event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
        <Button variant="default" disabled={!canAsk} onClick={ask}>
          Look
        </Button>
      </Group>
      {asked && (
        <Table ref={answers} verticalSpacing={6} aria-label="Which servers see it">
          <Table.Tbody>
            {servers.map(server => (
              <Row key={server.id} server={server} asked={asked} />
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Stack>
  );
}

function Row({ server, asked }: { server: Server; asked: Asked }) {
  const { data, error } = useQuery(pathCheckQuery(server.id, asked.path, asked.mappings, asked.time));
  const { word, color, says } = saidOf(data, error);
  return (
    <Table.Tr>
      <Table.Th fw={500}>{server.name}</Table.Th>
      <Table.Td>
        <Stack gap={2} align="flex-start">
          <Badge size="sm" variant="light" color={color}>
            {word}
          </Badge>
          {says && (
            <Text size="sm" c="dimmed" className="break-anywhere">
              {says}
            </Text>
          )}
        </Stack>
      </Table.Td>
    </Table.Tr>
  );
}

function saidOf(answer: PathAnswer | undefined, error: Error | null): { word: string; color: string; says?: string } {
  if (error) {
    // What was asked for is wrong already here, whatever the server has.
    const isOurs = error instanceof ApiError && [403, 404, 422].includes(error.status);
    return { word: isOurs ? "Not a file here" : "Not known", color: "orange", says: messageOf(error) };
  }
  if (!answer) return { word: "Looking…", color: "gray" };
  const { mapped_path, found, same, message: says } = answer;
  if (mapped_path === null) return { word: "Not mapped", color: "gray", says };
  if (!found) return { word: "Not there", color: "red", says };
  return same ? { word: "The same file", color: "teal", says } : { word: "Another file", color: "red", says };
}
