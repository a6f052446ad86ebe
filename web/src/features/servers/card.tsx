import { Badge, Card, Group, Stack, Text } from "@mantine/core";
import type { Server } from "../../api/types.ts";
import { useBenchmark, useSetup } from "../../live/servers.ts";
import { plural } from "../../ui/format.ts";
import { Activity } from "./activity.tsx";
import { ServerMenu } from "./menu.tsx";
import { Meters } from "./meters.tsx";
import { Remedy } from "./remedy.tsx";
import { RunsThere } from "./runs.tsx";
import { ScoreBadge } from "./score.tsx";
import classes from "./servers.module.css";
import { factsOf, isHeard, isLookedAt, isSetAside, isStorage, stateOf, troubleOf } from "./status.ts";
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
              {server.performance_score !== null && !server.is_local && <ScoreBadge score={server.performance_score} />}
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
          <Text
            size="sm"
            c={isSetAside(server) || isHeard(server) ? "orange" : "red"}
            className="break-anywhere"
            role="status"
          >
            {trouble}
          </Text>
        )}
        {setup && <Activity what="Setup" says={setupStep(setup.step)} progress={setup.progress} />}
        {benchmark && <Activity what="Benchmark" says={benchmarkStep(benchmark.step)} progress={benchmark.progress} />}
        <RunsThere server={server} />
        {isHeard(server) && <Meters server={server} />}
      </Stack>
      <Group justify="space-between" className={classes.foot}>
        <Text size="sm" c="dimmed" className="figures">
          {loadOf(server)}
        </Text>
        <Remedy server={server} isSetUpNow={setup !== undefined} {...actions} />
      </Group>
    </Card>
  );
}

/** How much a server has to do, and what comes then. */
function loadOf(server: Server): string {
  const { active_jobs, queued_jobs, max_concurrent_jobs } = server;
  if (isStorage(server)) return "Only has libraries: gets no jobs";
  if (isLookedAt(server)) return "Its encoders are being tried: up to a minute";
  if (!server.is_enabled) {
    return active_jobs > 0 ? `${plural(active_jobs, "job")} to its end, then no more` : "Gets no jobs";
  }
  const next = queued_jobs > 0 ? `, ${queued_jobs} next` : "";
  return `${active_jobs} of ${plural(max_concurrent_jobs, "job")} running${next}`;
}

function addressOf({ ssh_username, hostname, port }: Server): string {
  return `${ssh_username ? `${ssh_username}@` : ""}${hostname}${port === 22 ? "" : `:${port}`}`;
}
