import { Alert, Button, Group, Modal, Stack, Switch, Text } from "@mantine/core";
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
        {!isRunning && server.status === "setup_failed" && server.status_reason && (
          <Alert color="red" variant="light" title="The last setup failed">
            {server.status_reason}
          </Alert>
        )}
        {log !== "" && (
          <Command
            label={isRunning ? "What it says" : "The last setup"}
            text={log}
            maxHeight={320}
            follows={isRunning}
          />
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
