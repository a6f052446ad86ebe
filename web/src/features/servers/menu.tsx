import { ActionIcon, Menu, Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { IconDots } from "@tabler/icons-react";
import { useBenchmarkServer, useEnableServer, useRemoveServer } from "../../api/servers.ts";
import type { Server } from "../../api/types.ts";
import { useBenchmark } from "../../live/servers.ts";
import { useAskForget } from "./forget.tsx";

interface ServerMenuProps {
  server: Server;
  edit: () => void;
  test: () => void;
  setUp: () => void;
  showBenchmarks: () => void;
}

/** Everything that can be done with a server. */
export function ServerMenu({ server, edit, test, setUp, showBenchmarks }: ServerMenuProps) {
  const enable = useEnableServer();
  const benchmark = useBenchmarkServer();
  const remove = useRemoveServer();
  const forget = useAskForget();
  const isMeasured = useBenchmark(server.id) !== undefined;
  const { id, name } = server;
  const askRemove = () =>
    modals.openConfirmModal({
      title: `Remove “${name}”?`,
      children: (
        <Text size="sm">
          MediaFlow forgets how to reach it, with its keys, passwords and benchmarks. Jobs that wait for it go to
          another one. No file of yours is touched.
        </Text>
      ),
      labels: { confirm: "Remove the server", cancel: "Keep it" },
      confirmProps: { color: "red" },
      onConfirm: () => remove.mutate(id),
    });
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={`More: ${name}`}>
          <IconDots size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={edit}>Edit…</Menu.Item>
        {!server.is_local && (
          <>
            <Menu.Item onClick={test}>Test the connection</Menu.Item>
            <Menu.Item onClick={setUp}>Set up…</Menu.Item>
          </>
        )}
        <Menu.Item
          disabled={isMeasured || !server.is_enabled || server.status !== "online"}
          onClick={() => benchmark.mutate(id)}
        >
          Benchmark
        </Menu.Item>
        <Menu.Item onClick={showBenchmarks}>Benchmarks so far</Menu.Item>
        {server.host_key_fingerprint && <Menu.Item onClick={() => forget(server)}>Forget the host key…</Menu.Item>}
        <Menu.Divider />
        <Menu.Item onClick={() => enable.mutate({ id, is_enabled: !server.is_enabled })}>
          {server.is_enabled ? "Switch off" : "Switch on"}
        </Menu.Item>
        {!server.is_local && (
          <Menu.Item color="red" onClick={askRemove}>
            Remove…
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
