import { Button, Group, SegmentedControl, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { useAddLibrary, useStartScan } from "../../api/libraries.ts";
import type { Library, LibraryKind } from "../../api/types.ts";
import { FolderPicker } from "./folder-picker.tsx";

interface AddLibraryFormProps {
  /** The library is there, and its scan has begun. */
  added: (library: Library) => void;
}

/** Makes a folder a library and begins to scan it. */
export function AddLibraryForm({ added }: AddLibraryFormProps) {
  const [path, setPath] = useState<string | null>(null);
  const [title, setTitle] = useState("");
  const [type, setType] = useState<LibraryKind>("movie");
  const add = useAddLibrary();
  const scan = useStartScan();

  const submit = async () => {
    if (path === null) return;
    const library = await add.mutateAsync({ path: path.trim(), title: title.trim() || null, type });
    // The library is there even if the scan does not begin; the failure shows by itself.
    await scan.mutateAsync(library.id).catch(() => undefined);
    added(library);
  };

  return (
    <Stack>
      <FolderPicker path={path} pick={setPath} />
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
