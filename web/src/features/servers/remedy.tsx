import { Button } from "@mantine/core";
import { IconSettingsAutomation } from "@tabler/icons-react";
import { useEnableServer, useTestServer } from "../../api/servers.ts";
import type { Server } from "../../api/types.ts";
import { showDone, showFailure } from "../../ui/toast.tsx";
import { isLookedAt, isSetAside, isSilent, isStorage, lacksFfmpeg } from "./status.ts";

interface RemedyProps {
  server: Server;
  isSetUpNow: boolean;
  edit: () => void;
  test: () => void;
  setUp: () => void;
}

/** The one thing to do about a server that does not work; nothing for one that does. */
export function Remedy({ server, isSetUpNow, edit, test, setUp }: RemedyProps) {
  const { status, problem } = server;
  if (isSetUpNow || status === "provisioning") return <Small label="Show the setup" run={setUp} />;
  if (!server.is_enabled) return null;
  if (problem === "host_key_changed") return <Small label="Look at its key…" run={test} />;
  if (problem === "login_refused" || problem === "key_unusable" || problem === "secret_lost") {
    return <Small label="Edit the login…" run={edit} />;
  }
  if (isSilent(server)) return <CallNow server={server} />;
  if (isSetAside(server)) return <TryNow server={server} />;
  // One that answers may have no ffmpeg that can be used; it is looked for one there without being told to.
  const lacksIt = status === "online" && lacksFfmpeg(server) && !isLookedAt(server);
  if (isStorage(server) || (status !== "setup_failed" && !lacksIt)) return null;
  return (
    <Button size="xs" leftSection={<IconSettingsAutomation size={16} aria-hidden />} onClick={setUp}>
      Set it up
    </Button>
  );
}

function Small({ label, run, isBusy = false }: { label: string; run: () => void; isBusy?: boolean }) {
  return (
    <Button size="xs" variant="default" loading={isBusy} onClick={run}>
      {label}
    </Button>
  );
}

/** Ends the pause of a server that was set aside: who switches it on again means it. */
function TryNow({ server }: { server: Server }) {
  const enable = useEnableServer();
  const run = () => enable.mutate({ id: server.id, is_enabled: true });
  return <Small label="Try it now" isBusy={enable.isPending} run={run} />;
}

/** Calls a server that does not answer, which is done by itself too, but not at once. */
function CallNow({ server }: { server: Server }) {
  const call = useTestServer();
  const run = () =>
    call.mutate(server.id, {
      onSuccess: answer => {
        if (answer.status === "error") showFailure(`${server.name} was not reached`, answer.message);
        else showDone(`${server.name} answers.`);
      },
    });
  return <Small label="Try it now" isBusy={call.isPending} run={run} />;
}
