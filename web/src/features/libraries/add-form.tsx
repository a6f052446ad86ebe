import { Button, Group, SegmentedControl, Select, Stack, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useAddLibrary, useStartScan } from "../../api/libraries.ts";
import { serversQuery } from "../../api/servers.ts";
import type { Library, LibraryKind, Server } from "../../api/types.ts";
import { FolderPicker } from "./folder-picker.tsx";

interface AddLibraryFormProps {
  /** The library is there, and its scan has begun. */
  added: (library: Library) => void;
}

/** Makes a folder a library and begins to scan it. */
export function AddLibraryForm({ added }: AddLibraryFormProps) {
  const [server, setServer] = useState<Server | undefined>();
  const [path, setPath] = useState<string | null>(null);
  const [title, setTitle] = useState("");
  const [type, setType] = useState<LibraryKind>("movie");
  const add = useAddLibrary();
  const scan = useStartScan();

  const submit = async () => {
    if (path === null) return;
    const wish = { path: path.trim(), title: title.trim() || null, type, worker_server_id: server?.id ?? null };
    const library = await add.mutateAsync(wish);
    // The library is there even if the scan does not begin; the failure shows by itself.
    await scan.mutateAsync(library.id).catch(() => undefined);
    added(library);
  };

  return (
    <Stack>
      <Machine
        server={server}
        choose={next => {
          setServer(next);
          setPath(null);
        }}
      />
      <FolderPicker key={server?.id} path={path} pick={setPath} server={server} />
      <TextInput
        label="Title"
        placeholder={path?.split("/").at(-1) || "The folder's name"}
        maxLength={200}
        value={title}
        onChange={event => setTitle(event.currentTarget.value)}
      />
      <div>
        <Text size="sm" fw={500} mb={4}>
          It holds
        </Text>
        <SegmentedControl
          aria-label="It holds"
          value={type}
          onChange={value => setType(value === "show" ? "show" : "movie")}
          data={[
            { value: "movie", label: "Films" },
            { value: "show", label: "Series" },
          ]}
        />
      </div>
      <Group justify="flex-end">
        <Button
          disabled={path === null}
          loading={add.isPending || scan.isPending}
          onClick={() => void submit().catch(() => undefined)}
        >
          Add and scan
        </Button>
      </Group>
    </Stack>
  );
}

interface MachineProps {
  /** The chosen one; the machine that MediaFlow runs on otherwise. */
  server: Server | undefined;
  choose: (server: Server | undefined) => void;
}

/** Chooses the machine that has the folder; nothing where there is only one. */
function Machine({ server, choose }: MachineProps) {
  const { data } = useQuery(serversQuery);
  const others = (data ?? []).filter(one => !one.is_local && one.status === "online");
  if (others.length === 0) return null;
  return (
    <Select
      label="It lies on"
      allowDeselect={false}
      data={[
        { value: "", label: "This machine" },
        ...others.map(one => ({ value: String(one.id), label: `${one.name}, over SSH` })),
      ]}
      value={server ? String(server.id) : ""}
      onChange={value => choose(others.find(one => String(one.id) === value))}
    />
  );
}
