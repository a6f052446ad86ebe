import { Badge, Button, Card, Group, Stack, Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { IconFolderPlus, IconRadar } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { librariesQuery, useCancelScan, useRemoveLibrary, useStartScan } from "../../api/libraries.ts";
import type { Library } from "../../api/types.ts";
import { Empty } from "../../ui/empty.tsx";
import { Failure } from "../../ui/failure.tsx";
import { bytes, plural } from "../../ui/format.ts";
import { ListSkeleton } from "../../ui/skeleton.tsx";
import { When } from "../../ui/when.tsx";
import { AddLibraryForm } from "../libraries/add-form.tsx";
import { ScanStatus, useIsScanning } from "../libraries/scan-status.tsx";
import { UnreadableFiles } from "../libraries/unreadable.tsx";

/** The folders that MediaFlow looks after. */
export function LibrarySettings() {
  const { data, error, refetch } = useQuery(librariesQuery);
  if (error) return <Failure title="The libraries could not be read" error={error} retry={() => void refetch()} />;
  if (!data) return <ListSkeleton rows={3} height={90} />;
  const add = (
    <Button leftSection={<IconFolderPlus size={16} aria-hidden />} onClick={openAddDialog}>
      Add a folder
    </Button>
  );
  if (data.length === 0) {
    return (
      <Empty icon={IconFolderPlus} title="There is no library yet" actions={add}>
        A library is a folder with films or series.
      </Empty>
    );
  }
  return (
    <Stack>
      <Group justify="flex-end">{add}</Group>
      {data.map(library => (
        <LibraryCard key={library.id} library={library} />
      ))}
    </Stack>
  );
}

function openAddDialog() {
  const id = modals.open({
    title: "Add a folder",
    size: "lg",
    children: <AddLibraryForm added={() => modals.close(id)} />,
  });
}

function showUnreadable(library: Library) {
  modals.open({
    title: `Files in ${library.title} that could not be read`,
    size: "lg",
    children: <UnreadableFiles libraryId={library.id} />,
  });
}

function LibraryCard({ library }: { library: Library }) {
  const isScanning = useIsScanning(library);
  const start = useStartScan();
  const cancel = useCancelScan();
  const remove = useRemoveLibrary();
  const askRemove = () =>
    modals.openConfirmModal({
      title: `Remove “${library.title}”?`,
      children: (
        <Text size="sm">
          MediaFlow forgets its {plural(library.total_items, "file")}. The files themselves are not touched, and
          originals in quarantine stay.
        </Text>
      ),
      labels: { confirm: "Remove the library", cancel: "Keep it" },
      confirmProps: { color: "red" },
      onConfirm: () => remove.mutate(library.id),
    });
  return (
    <Card component="article" aria-label={library.title}>
      <Group justify="space-between" align="flex-start">
        <div style={{ minWidth: 0 }}>
          <Group gap={8}>
            <Text fw={600}>{library.title}</Text>
            <Badge size="sm" variant="default">
              {library.type === "show" ? "Series" : "Films"}
            </Badge>
            {library.worker_server_name && (
              <Badge size="sm" variant="default">
                On {library.worker_server_name}
              </Badge>
            )}
            {!library.is_available && (
              <Badge size="sm" color="orange" variant="light">
                {library.worker_server_name ? "Server not reached" : "Folder not there"}
              </Badge>
            )}
          </Group>
          <Text size="sm" c="dimmed" className="break-anywhere">
            {library.path}
          </Text>
          <Text size="sm" className="figures">
            {plural(library.total_items, "file")}, {bytes(library.total_size)}
            {library.last_scanned_at && (
              <>
                {" · scanned "}
                <When at={library.last_scanned_at} />
              </>
            )}
          </Text>
        </div>
        <Group gap="xs">
          {library.unreadable > 0 && (
            <Button size="xs" variant="light" color="orange" onClick={() => showUnreadable(library)}>
              {plural(library.unreadable, "file")} could not be read
            </Button>
          )}
          {isScanning ? (
            <Button size="xs" variant="default" onClick={() => cancel.mutate(library.id)}>
              Stop the scan
            </Button>
          ) : (
            <Button
              size="xs"
              variant="default"
              leftSection={<IconRadar size={16} aria-hidden />}
              loading={start.isPending}
              onClick={() => start.mutate(library.id)}
            >
              Scan
            </Button>
          )}
          <Button size="xs" variant="subtle" color="red" loading={remove.isPending} onClick={askRemove}>
            Remove
          </Button>
        </Group>
      </Group>
      {isScanning && <ScanStatus library={library} />}
    </Card>
  );
}
