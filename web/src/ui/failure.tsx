import { Alert, Button, Group, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { messageOf } from "../api/error.ts";

interface FailureProps {
  /** What could not be done. */
  title: string;
  error: unknown;
  retry?: () => void;
}

/** In place of what could not be read, with the reason and a way to try again. */
export function Failure({ title, error, retry }: FailureProps) {
  return (
    <Alert color="red" variant="light" icon={<IconAlertTriangle />} title={title} role="alert">
      <Group justify="space-between">
        <Text size="sm" className="break-anywhere">
          {messageOf(error)}
        </Text>
        {retry && (
          <Button size="xs" variant="default" onClick={retry}>
            Try again
          </Button>
        )}
      </Group>
    </Alert>
  );
}

/** A page that broke. */
export function PageFailure({ error, retry }: { error: unknown; retry: () => void }) {
  return <Failure title="This page could not be shown" error={error} retry={retry} />;
}
