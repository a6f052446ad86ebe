import { Alert, Button, Group, Modal, Stack, Switch, Text } from "@mantine/core";
import { IconCircleCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { setupLogQuery, useSetUpServer } from "../../api/servers.ts";
import type { Server } from "../../api/types.ts";
import { useSetup, useSetupLines } from "../../live/servers.ts";
import { Command } from "../../ui/command.tsx";
import { Activity } from "./activity.tsx";
import { setupStep } from "./steps.ts";

/** Sets a server up, and shows what it says while it happens. */
export function SetupDialog({ server, close }: { server: Server; close: () => void }) {
  const { data } = useQuery({ ...setupLogQuery(server.id), staleTime: 0 });
  const live = useSetup(server.id);
  const lines = useSetupLines(server.id);
  const [installGpu, setInstallGpu] = useState(false);
  const setUp = useSetUpServer();
  const isRunning = live !== undefined || server.status === "provisioning" || setUp.isPending;
  const log = isRunning ? lines.join("\n") : (data?.log ?? "");
  const hasEnded = useEnded(isRunning);
  const hasFailed = server.status === "setup_failed";
  return (
    <Modal opened onClose={close} size="lg" title={`Set up ${server.name}`}>
      <Stack>
        <Text size="sm">
          Looks what the machine is, brings an ffmpeg that works there if it has none, and tries its encoders. It can be
          repeated at any time; what is good already stays.
        </Text>
        {isRunning && (
          <Activity what="Setup" says={live ? setupStep(live.step) : "Beginning"} progress={live?.progress ?? 0} />
        )}
        {!isRunning && hasFailed && server.status_reason && (
          <Alert color="red" variant="light" title="The last setup failed" role="alert">
            {server.status_reason}
          </Alert>
        )}
        {hasEnded && !hasFailed && (
          <Alert color="teal" variant="light" icon={<IconCircleCheck />} title="It is set up" role="status">
            {lastLine(log) ?? `${server.name} can get jobs.`}
          </Alert>
        )}
        {log !== "" && (
          <Command label={isRunning ? "What it says" : "The last setup"} text={log} maxHeight={320} follows />
        )}
        {!isRunning && (
          <Switch
            label="Install the GPU's driver too"
            description="Only where there is an NVIDIA GPU without one. The machine may have to be restarted afterwards."
            checked={installGpu}
            onChange={event => setInstallGpu(event.currentTarget.checked)}
          />
        )}
        <Group justify="flex-end" className="dialog-footer">
          <Button variant="default" onClick={close}>
            {isRunning ? "Let it go on" : "Close"}
          </Button>
          {!isRunning && (
            <Button onClick={() => setUp.mutate({ id: server.id, install_gpu: installGpu })}>
              {data?.log ? "Set up again" : "Set up"}
            </Button>
          )}
        </Group>
      </Stack>
    </Modal>
  );
}

/** Whether a setup came to its end while somebody looked on. */
function useEnded(isRunning: boolean): boolean {
  const [seen, setSeen] = useState(isRunning);
  if (isRunning && !seen) setSeen(true);
  return seen && !isRunning;
}

/** What a setup said in the end. */
function lastLine(log: string): string | undefined {
  return log.trim().split("\n").at(-1) || undefined;
}
