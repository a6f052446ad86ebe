import { Breadcrumbs, Button, Checkbox, Group, Modal, NavLink, ScrollArea, Stack, Text } from "@mantine/core";
import { IconArrowUp, IconFolder, IconMovie } from "@tabler/icons-react";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { librariesQuery } from "../../api/libraries.ts";
import { filesQuery } from "../../api/quick.ts";
import type { FileEntry, Folders } from "../../api/types.ts";
import { Failure } from "../../ui/failure.tsx";
import { bytes, plural } from "../../ui/format.ts";
import { ListSkeleton } from "../../ui/skeleton.tsx";
import { crumbsOf, splitPath } from "../libraries/crumbs.ts";
import { PathField } from "./path-field.tsx";

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
  const queries = useQueryClient();
  const { data, error, refetch } = useQuery({ ...filesQuery(folder), placeholderData: keepPreviousData });
  const go = (path: string | null) => {
    lastFolder = path;
    setFolder(path);
  };
  const isChosen = (file: FileEntry) => chosen.some(one => one.path === file.path);
  const toggle = (file: FileEntry) =>
    setChosen(chosen => (isChosen(file) ? chosen.filter(one => one.path !== file.path) : [...chosen, file]));
  /** Goes to the folder of a typed path; one of a file chooses it, too. */
  const open = async (path: string) => {
    const { folder, name } = splitPath(path);
    // Where this fails the typed path is looked into, whose own answer says why not.
    const beside = await queries.fetchQuery(filesQuery(folder)).catch(() => undefined);
    const file = beside?.files.find(one => one.name === name);
    go(file ? folder : path);
    if (file && !isChosen(file)) toggle(file);
  };
  return (
    <Modal opened onClose={close} size="lg" title="Files on the server's machine">
      <Stack gap="xs">
        <PathField key={folder} folder={folder} open={path => void open(path)} />
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
        {data && !error && <Entries listed={data} go={go} isChosen={isChosen} toggle={toggle} />}
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

interface EntriesProps {
  listed: Folders;
  go: (path: string) => void;
  isChosen: (file: FileEntry) => boolean;
  toggle: (file: FileEntry) => void;
}

/** What lies in a folder; where one begins, the libraries before the machine's places. */
function Entries({ listed, go, isChosen, toggle }: EntriesProps) {
  const libraries = useQuery({ ...librariesQuery, enabled: listed.path === null });
  const own = listed.path === null ? (libraries.data?.filter(one => one.is_available) ?? []) : [];
  const folders = listed.folders.filter(one => own.every(library => library.path !== one.path));
  return (
    <ScrollArea.Autosize
      mah={360}
      type="auto"
      viewportProps={{ tabIndex: 0, role: "region", "aria-label": "Folders and files" }}
    >
      {own.map(library => (
        <NavLink
          key={library.id}
          component="button"
          type="button"
          label={library.title}
          description={library.path}
          leftSection={<IconMovie size={18} stroke={1.6} aria-hidden />}
          onClick={() => go(library.path)}
        />
      ))}
      {folders.map(one => (
        <NavLink
          key={one.path}
          component="button"
          type="button"
          label={one.name}
          leftSection={<IconFolder size={18} stroke={1.6} aria-hidden />}
          onClick={() => go(one.path)}
        />
      ))}
      {listed.files.map(file => (
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
          checked={isChosen(file)}
          onChange={() => toggle(file)}
        />
      ))}
      {own.length + folders.length + listed.files.length === 0 && (
        <Text size="sm" c="dimmed" p="xs">
          No folders and no media files in it.
        </Text>
      )}
    </ScrollArea.Autosize>
  );
}
