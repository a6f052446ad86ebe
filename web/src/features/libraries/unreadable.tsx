import { List, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { unreadableQuery } from "../../api/libraries.ts";
import { Failure } from "../../ui/failure.tsx";
import { ListSkeleton } from "../../ui/skeleton.tsx";

/** Which files of a library could not be read, and why. */
export function UnreadableFiles({ libraryId }: { libraryId: number }) {
  const { data, error, refetch } = useQuery(unreadableQuery(libraryId));
  if (error) return <Failure title="The files could not be listed" error={error} retry={() => void refetch()} />;
  if (!data) return <ListSkeleton rows={3} height={44} />;
  return (
    <Stack>
      <Text size="sm" c="dimmed">
        They are left alone. The next scan tries those again that have changed by then.
      </Text>
      <List listStyleType="none" spacing="sm">
        {data.map(file => (
          <List.Item key={file.path}>
            <Text size="sm" className="break-anywhere">
              {file.path}
            </Text>
            <Text size="sm" c="orange" className="break-anywhere">
              {file.reason}
            </Text>
          </List.Item>
        ))}
      </List>
    </Stack>
  );
}
