import { Breadcrumbs, Button, Checkbox, Group, Modal, NavLink, ScrollArea, Stack, Text } from "@mantine/core";
import { IconArrowUp, IconFolder } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { filesQuery } from "../../api/quick.ts";
import type { FileEntry } from "../../api/types.ts";
import { Failure } from "../../ui/failure.tsx";
import { bytes, plural } from "../../ui/format.ts";
import { ListSkeleton } from "../../ui/skeleton.tsx";
import { crumbsOf } from "../libraries/crumbs.ts";

interface FilePickerProps {
  close: () => void;
  pick: (files: FileEntry[]) => void;
}

/** Where the picker was left, for the next time. */
let lastFolder: string | null = null;

/** Chooses media files on the server's machine, a folder at a time; those of several folders, too. */
export function FilePicker({ close, pick }: FilePickerProps) {
  const [folder, setFolder] = useState(lastFolder);
  const [chosen, setChosen] = useState<readonly FileEntry[]>([]);
  const { data, error, refetch } = useQuery({ ...filesQuery(folder), placeholderData: keepPreviousData });
  const go = (path: string | null) => {
    lastFolder = path;
    setFolder(path);
  };
  const toggle = (file: FileEntry) =>
    setChosen(chosen =>
      chosen.some(one => one.path === file.path) ? chosen.filter(one => one.path !== file.path) : [...chosen, file],
    );
  return (
    <Modal opened onClose={close} size="lg" title="Files on the server's machine">
      <Stack gap="xs">
        <Group justify="space-between" mih={30}>
          <Breadcrumbs separatorMargin={4} style={{ flexWrap: "wrap" }}>
            {crumbsOf(folder).map(crumb => (
              <Button key={crumb.path} variant="subtle" size="compact-xs" onClick={() => go(crumb.path)}>
                {crumb.name}
              </Button>
            ))}
          </Breadcrumbs>
          {folder !== null && (
            <Button
              variant="default"
              size="compact-sm"
              leftSection={<IconArrowUp size={14} aria-hidden />}
              onClick={() => go(data?.parent ?? null)}
            >
              Up
            </Button>
          )}
        </Group>
        {error && <Failure title="This folder cannot be used" error={error} retry={() => void refetch()} />}
        {!data && !error && <ListSkeleton rows={6} height={32} />}
        {data && !error && (
          <ScrollArea.Autosize
            mah={360}
            type="auto"
            viewportProps={{ tabIndex: 0, role: "region", "aria-label": "Folders and files" }}
          >
            {data.folders.map(one => (
              <NavLink
                key={one.path}
                component="button"
                type="button"
                label={one.name}
                leftSection={<IconFolder size={18} stroke={1.6} aria-hidden />}
                onClick={() => go(one.path)}
              />
            ))}
            {data.files.map(file => (
              <Checkbox
                key={file.path}
                px="sm"
                py={6}
                label={
                  <span className="break-anywhere">
                    {file.name}{" "}
                    <Text span size="xs" c="dimmed" className="figures">
                      {bytes(file.size)}
                    </Text>
                  </span>
                }
                checked={chosen.some(one => one.path === file.path)}
                onChange={() => toggle(file)}
              />
            ))}
            {data.folders.length + data.files.length === 0 && (
              <Text size="sm" c="dimmed" p="xs">
                No folders and no media files in it.
              </Text>
            )}
          </ScrollArea.Autosize>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button
            disabled={chosen.length === 0}
            onClick={() => {
              pick([...chosen]);
              close();
            }}
          >
            {chosen.length === 0 ? "Choose files" : `Choose ${plural(chosen.length, "file")}`}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
