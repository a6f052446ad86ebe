import { Breadcrumbs, Button, Group, NavLink, ScrollArea, Stack, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconArrowUp, IconFolder } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { foldersQuery } from "../../api/libraries.ts";
import type { Server } from "../../api/types.ts";
import { Failure } from "../../ui/failure.tsx";
import { ListSkeleton } from "../../ui/skeleton.tsx";
import { crumbsOf } from "./crumbs.ts";

interface FolderPickerProps {
  path: string | null;
  pick: (path: string | null) => void;
  /** The server whose folders they are; the machine that MediaFlow runs on otherwise. */
  server?: Server | undefined;
}

/** The pause after which a path counts as typed. */
const TYPING_MS = 400;

/** Looks through the folders of a machine; a path may be typed, too. */
export function FolderPicker({ path, pick, server }: FolderPickerProps) {
  // A pick is looked into at once, a path while it is typed only in between.
  const [looked] = useDebouncedValue(path, TYPING_MS, { leading: true });
  const folders = foldersQuery(looked, server?.id ?? null);
  const { data, error, refetch } = useQuery({ ...folders, placeholderData: keepPreviousData });
  return (
    <Stack gap="xs">
      <TextInput
        label="Folder"
        description={server ? `On ${server.name}` : "On the machine that MediaFlow runs on"}
        placeholder="/media/films"
        value={path ?? ""}
        onChange={event => pick(event.currentTarget.value.trim() === "" ? null : event.currentTarget.value)}
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
              No further folders in it. Its films are found by the scan.
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
