import { Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { useForgetHostKey } from "../../api/servers.ts";
import type { Server } from "../../api/types.ts";
import { showDone } from "../../ui/toast.tsx";

/** Gives what asks whether a server's host key is to be forgotten, says when that is safe, and does it. */
export function useAskForget(): (server: Server, done?: () => void) => void {
  const forget = useForgetHostKey();
  return ({ id, name, host_key_fingerprint }, done) =>
    modals.openConfirmModal({
      title: `Forget the host key of “${name}”?`,
      children: (
        <Text size="sm" component="div">
          Do this only if that machine was set up anew or got a new key on purpose: another key may also mean that
          somebody stands in between. The next connection keeps the key that it shows.
          <Text size="xs" c="dimmed" mt={8} className="mono break-anywhere">
            {host_key_fingerprint}
          </Text>
        </Text>
      ),
      labels: { confirm: "Forget the old key", cancel: "Keep it" },
      confirmProps: { color: "red" },
      onConfirm: () =>
        forget.mutate(id, {
          onSuccess: () => {
            showDone(`The old key of ${name} is forgotten.`);
            done?.();
          },
        }),
    });
}
