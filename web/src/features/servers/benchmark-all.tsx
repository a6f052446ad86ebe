import { Button } from "@mantine/core";
import { IconGauge } from "@tabler/icons-react";
import { messageOf } from "../../api/error.ts";
import { benchmarkServer } from "../../api/servers.ts";
import type { Server } from "../../api/types.ts";
import { plural } from "../../ui/format.ts";
import { showDone, showWarning } from "../../ui/toast.tsx";
import { whyNotMeasured } from "./fleet.ts";

/** Measures every server that can be measured, and says which were left out. */
export function BenchmarkAll({ servers }: { servers: readonly Server[] }) {
  const run = async () => {
    const told = await Promise.all(servers.map(begin));
    const leftOut = told.filter(one => one !== undefined);
    const begun = servers.length - leftOut.length;
    if (begun > 0) showDone(`${plural(begun, "benchmark")} begun.`);
    if (leftOut.length > 0) showWarning(`${plural(leftOut.length, "server")} left out`, leftOut.join("\n"));
  };
  if (servers.filter(server => whyNotMeasured(server) === undefined).length < 2) return null;
  return (
    <Button variant="default" leftSection={<IconGauge size={16} aria-hidden />} onClick={() => void run()}>
      Benchmark all
    </Button>
  );
}

/** Begins to measure a server; tells why not where it does not. */
async function begin(server: Server): Promise<string | undefined> {
  const why = whyNotMeasured(server);
  if (why !== undefined) return `${server.name}: ${why}`;
  try {
    await benchmarkServer(server.id);
  } catch (error) {
    return `${server.name}: ${messageOf(error)}`;
  }
}
