import { Text } from "@mantine/core";
import { modals } from "@mantine/modals";

/** Asks before a file that was sent is removed with all that was made of it. */
export function askRemove(name: string, remove: () => void): void {
  modals.openConfirmModal({
    title: "Remove these files from the server?",
    children: (
      <Text size="sm" className="break-anywhere">
        {name} goes, which was sent, and what was made of it. Your own copy stays.
      </Text>
    ),
    labels: { confirm: "Remove", cancel: "Keep" },
    confirmProps: { color: "red" },
    onConfirm: remove,
  });
}
