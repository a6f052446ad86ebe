import { Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { useEnableServer, useRemoveServer } from "../../api/servers.ts";
import type { Server } from "../../api/types.ts";
import { plural } from "../../ui/format.ts";
import { showDone } from "../../ui/toast.tsx";

/** Gives what switches a server on or off, and says what becomes of the jobs that it has. */
export function useSwitchServer(): (server: Server, is_enabled: boolean) => void {
  const { mutate } = useEnableServer();
  return ({ id, name }, is_enabled) =>
    mutate(
      { id, is_enabled },
      {
        onSuccess: ({ active_jobs }) => {
          if (is_enabled || active_jobs === 0) return;
          const goesOn = active_jobs === 1 ? "The one that runs goes" : `The ${active_jobs} that run go`;
          showDone(`${name} gets no more jobs. ${goesOn} on to the end.`);
        },
      },
    );
}

/** Gives what asks whether a server is to be removed, and does it. One that is at work can only be switched off. */
export function useAskRemove(): (server: Server) => void {
  const remove = useRemoveServer();
  const turn = useSwitchServer();
  const refuse = (server: Server) =>
    modals.openConfirmModal({
      title: `“${server.name}” is at work`,
      children: (
        <Text size="sm">
          {plural(server.active_jobs, "job")} {server.active_jobs === 1 ? "runs" : "run"} there, so it cannot be removed
          yet.{server.is_enabled && " Switched off, it gets no more, and what runs goes on to its end."}
        </Text>
      ),
      labels: { confirm: server.is_enabled ? "Switch it off" : "Understood", cancel: "Leave it" },
      ...(!server.is_enabled && { cancelProps: { display: "none" } }),
      onConfirm: () => server.is_enabled && turn(server, false),
    });
  const ask = ({ id, name }: Server) =>
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
  return server => (server.active_jobs > 0 ? refuse(server) : ask(server));
}
