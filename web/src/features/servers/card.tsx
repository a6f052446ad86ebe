import { Badge, Button, Card, Group, Stack, Text } from "@mantine/core";
import { IconSettingsAutomation } from "@tabler/icons-react";
import { useEnableServer } from "../../api/servers.ts";
import type { Server } from "../../api/types.ts";
import { useBenchmark, useSetup } from "../../live/servers.ts";
import { plural } from "../../ui/format.ts";
import { Activity } from "./activity.tsx";
import { ServerMenu } from "./menu.tsx";
import { Meters } from "./meters.tsx";
import { ScoreBadge } from "./score.tsx";
import classes from "./servers.module.css";
import { factsOf, isSetAside, stateOf, troubleOf } from "./status.ts";
import { benchmarkStep, setupStep } from "./steps.ts";

interface ServerCardProps {
  server: Server;
  edit: () => void;
  test: () => void;
  setUp: () => void;
  showBenchmarks: () => void;
}

/** A server: what it is, how it stands, how busy it is, and what can be done with it. */
export function ServerCard({ server, ...actions }: ServerCardProps) {
  const benchmark = useBenchmark(server.id);
  const setup = useSetup(server.id);
  const state = stateOf(server);
  const trouble = troubleOf(server);
  const isReady = server.is_enabled && server.status === "online";
  // One that answers may have no ffmpeg that can be used.
  const hasFailed = server.status === "setup_failed";
  const needsSetup = hasFailed || (!server.is_local && server.ffmpeg_version === null && server.status !== "offline");
  const facts = factsOf(server);
  return (
    <Card component="article" aria-label={server.name} className={classes.card}>
      <Stack gap="sm">
        <Group justify="space-between" wrap="nowrap" align="flex-start">
          <div style={{ minWidth: 0 }}>
            <Group gap={8}>
              <Text fw={600} className="break-anywhere">
                {server.name}
              </Text>
              <Badge size="sm" variant="light" color={state.color}>
                {state.word}
              </Badge>
              {server.performance_score !== null && <ScoreBadge score={server.performance_score} />}
            </Group>
            <Text size="xs" c="dimmed" className="break-anywhere">
              {server.is_local ? "The machine that MediaFlow runs on" : addressOf(server)}
            </Text>
          </div>
          <ServerMenu server={server} {...actions} />
        </Group>
        {facts.length > 0 && (
          <Text size="xs" className="break-anywhere">
            {facts.join(" · ")}
          </Text>
        )}
        {trouble && (
          <Text size="sm" c={isSetAside(server) ? "orange" : "red"} className="break-anywhere" role="status">
            {trouble}
          </Text>
        )}
        {setup && <Activity what="Setup" says={setupStep(setup.step)} progress={setup.progress} />}
        {benchmark && <Activity what="Benchmark" says={benchmarkStep(benchmark.step)} progress={benchmark.progress} />}
        {isReady && <Meters server={server} />}
      </Stack>
      <Group justify="space-between" className={classes.foot}>
        <Text size="sm" c="dimmed" className="figures">
          {server.active_jobs} of {plural(server.max_concurrent_jobs, "job")} running
          {server.queued_jobs > 0 && `, ${server.queued_jobs} next`}
        </Text>
        <Group gap="xs">
          {isSetAside(server) && server.is_enabled && <TryNow server={server} />}
          {setup || server.status === "provisioning" ? (
            <Button size="xs" variant="default" onClick={actions.setUp}>
              Show the setup
            </Button>
          ) : (
            needsSetup &&
            server.is_enabled && (
              <Button size="xs" leftSection={<IconSettingsAutomation size={16} aria-hidden />} onClick={actions.setUp}>
                Set it up
              </Button>
            )
          )}
        </Group>
      </Group>
    </Card>
  );
}

/** Ends the pause of a server that was set aside: who switches it on again means it. */
function TryNow({ server }: { server: Server }) {
  const enable = useEnableServer();
  return (
    <Button
      size="xs"
      variant="default"
      loading={enable.isPending}
      onClick={() => enable.mutate({ id: server.id, is_enabled: true })}
    >
      Try it now
    </Button>
  );
}

function addressOf({ ssh_username, hostname, port }: Server): string {
  return `${ssh_username ? `${ssh_username}@` : ""}${hostname}${port === 22 ? "" : `:${port}`}`;
}
