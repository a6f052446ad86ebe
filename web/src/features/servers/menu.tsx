import { ActionIcon, Menu } from "@mantine/core";
import { IconDots } from "@tabler/icons-react";
import { useBenchmarkServer } from "../../api/servers.ts";
import type { Server } from "../../api/types.ts";
import { useBenchmark } from "../../live/servers.ts";
import { useAskForget } from "./forget.tsx";
import { useAskRemove, useSwitchServer } from "./remove.tsx";
import { isHeard, isStorage } from "./status.ts";

interface ServerMenuProps {
  server: Server;
  edit: () => void;
  test: () => void;
  setUp: () => void;
  showBenchmarks: () => void;
}

/** Everything that can be done with a server. */
export function ServerMenu({ server, edit, test, setUp, showBenchmarks }: ServerMenuProps) {
  const benchmark = useBenchmarkServer();
  const turn = useSwitchServer();
  const askRemove = useAskRemove();
  const forget = useAskForget();
  const isMeasured = useBenchmark(server.id) !== undefined;
  const { id, name } = server;
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
            {!isStorage(server) && <Menu.Item onClick={setUp}>Set up…</Menu.Item>}
          </>
        )}
        <Menu.Item disabled={isMeasured || !isHeard(server) || isStorage(server)} onClick={() => benchmark.mutate(id)}>
          Benchmark
        </Menu.Item>
        <Menu.Item onClick={showBenchmarks}>Benchmarks so far</Menu.Item>
        {server.host_key_fingerprint && <Menu.Item onClick={() => forget(server)}>Forget the host key…</Menu.Item>}
        <Menu.Divider />
        <Menu.Item onClick={() => turn(server, !server.is_enabled)}>
          {server.is_enabled ? "Switch off" : "Switch on"}
        </Menu.Item>
        {!server.is_local && (
          <Menu.Item color="red" onClick={() => askRemove(server)}>
            Remove…
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
