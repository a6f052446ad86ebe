import { Breadcrumbs, Button, Group, NavLink, ScrollArea, Stack, Text, TextInput } from "@mantine/core";
import { IconArrowUp, IconFolder } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { foldersQuery } from "../../api/libraries.ts";
import { Failure } from "../../ui/failure.tsx";
import { ListSkeleton } from "../../ui/skeleton.tsx";
import { crumbsOf } from "./crumbs.ts";

interface FolderPickerProps {
  path: string | null;
  pick: (path: string | null) => void;
}

/** Looks through the folders of the server's machine; a path may be typed, too. */
export function FolderPicker({ path, pick }: FolderPickerProps) {
  const { data, error, refetch } = useQuery({ ...foldersQuery(path), placeholderData: keepPreviousData });
  const [typed, setTyped] = useState("");
  const [shown, setShown] = useState(path);
  // The field follows a pick in the list.
  if (shown !== path) {
    setShown(path);
    setTyped(path ?? "");
  }
  const go = () => pick(typed.trim() === "" ? null : typed.trim());
  return (
    <Stack gap="xs">
      <TextInput
        label="Folder"
        description="On the machine that MediaFlow runs on"
        placeholder="/media/films"
        value={typed}
        onChange={event => setTyped(event.currentTarget.value)}
        onBlur={() => typed.trim() !== (path ?? "") && go()}
        onKeyDown={event => {
          if (event.key !== "Enter") return;
          event.preventDefault();
          go();
        }}
      />
      <Group justify="space-between" mih={30}>
        <Breadcrumbs separatorMargin={4} style={{ flexWrap: "wrap" }}>
          {crumbsOf(path).map(crumb => (
            <Button key={crumb.path} variant="subtle" size="compact-xs" onClick={() => pick(crumb.path)}>
              {crumb.name}
            </Button>
          ))}
        </Breadcrumbs>
        {path !== null && (
          <Button
            variant="default"
            size="compact-sm"
            leftSection={<IconArrowUp size={14} aria-hidden />}
            onClick={() => pick(data?.parent ?? null)}
          >
            Up
          </Button>
        )}
      </Group>
      {error && <Failure title="This folder cannot be used" error={error} retry={() => void refetch()} />}
      {!data && !error && <ListSkeleton rows={4} height={32} />}
      {data && !error && (
        <ScrollArea.Autosize
          mah={260}
          type="auto"
          viewportProps={{ tabIndex: 0, role: "region", "aria-label": "Folders" }}
        >
          {data.folders.length === 0 && (
            <Text size="sm" c="dimmed" p="xs">
              No folders in it.
            </Text>
          )}
          {data.folders.map(folder => (
            <NavLink
              key={folder.path}
              component="button"
              type="button"
              label={folder.name}
              leftSection={<IconFolder size={18} stroke={1.6} aria-hidden />}
              onClick={() => pick(folder.path)}
            />
          ))}
        </ScrollArea.Autosize>
      )}
    </Stack>
  );
}
