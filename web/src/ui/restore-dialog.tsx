import { Alert, Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { ApiError, messageOf } from "../api/error.ts";
import { showDone } from "./toast.tsx";

interface RestoreDialogProps {
  title: string;
  /** Brings the original back: to its own place, or beside whatever is there now. */
  restore: (beside: boolean) => Promise<{ path: string }>;
  close: () => void;
}

/** Asks before an original is brought back; where its place is taken, offers the place beside. */
export function RestoreDialog({ title, restore, close }: RestoreDialogProps) {
  const [failure, setFailure] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const run = async (beside: boolean) => {
    setBusy(true);
    try {
      const { path } = await restore(beside);
      showDone(`The original is back: ${path}`);
      close();
    } catch (error) {
      setFailure(error);
      setBusy(false);
    }
  };
  const isTaken = failure instanceof ApiError && failure.status === 409;
  return (
    <Modal opened onClose={close} title="Bring the original back?">
      <Stack>
        <Text size="sm" className="break-anywhere">
          The original of “{title}” takes its place again, and the smaller file goes. Nothing else changes.
        </Text>
        {failure !== null && (
          <Alert color="red" variant="light" role="alert" title="The original was not brought back">
            {messageOf(failure)}
          </Alert>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          {isTaken && (
            <Button variant="light" loading={busy} onClick={() => void run(true)}>
              Put it beside
            </Button>
          )}
          <Button loading={busy} onClick={() => void run(false)} data-autofocus>
            Bring it back
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
