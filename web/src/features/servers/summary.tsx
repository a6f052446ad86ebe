import { SimpleGrid } from "@mantine/core";
import { IconAlertTriangle, IconBolt, IconProgress, IconServer } from "@tabler/icons-react";
import type { Server } from "../../api/types.ts";
import { useFps } from "../../live/progress.ts";
import { Stat } from "../../ui/stat.tsx";
import { type Fleet, fleetOf } from "./fleet.ts";
import { useRunningJobs } from "./runs.tsx";
import { isSilent } from "./status.ts";

/** Servers that are named; the others are counted. */
const MOST_NAMES = 2;

/** The servers all together: how many work, at how much, how fast, and which of them need somebody. */
export function FleetSummary({ servers }: { servers: readonly Server[] }) {
  const fleet = fleetOf(servers);
  const silent = new Set(servers.filter(isSilent).map(server => server.id));
  const heard = useRunningJobs().filter(job => job.worker_server_id === null || !silent.has(job.worker_server_id));
  const fps = useFps(heard);
  const { troubled } = fleet;
  return (
    <section aria-label="All servers">
      <SimpleGrid cols={{ base: 2, lg: 4 }} spacing="md">
        <Stat
          icon={IconServer}
          label="Online"
          value={`${fleet.online} of ${servers.length}`}
          note={restOf(fleet)}
          color="teal"
        />
        <Stat
          icon={IconProgress}
          label="Jobs running"
          value={`${fleet.running} of ${fleet.slots}`}
          note={fleet.next > 0 ? `${fleet.next} next` : undefined}
        />
        <Stat
          icon={IconBolt}
          label="All encodes together"
          value={fps > 0 ? `${Math.round(fps)} fps` : "–"}
          color="violet"
        />
        <Stat
          icon={IconAlertTriangle}
          label="In trouble"
          value={troubled.length === 0 ? "None" : troubled.length}
          note={namesOf(troubled)}
          color={troubled.length === 0 ? "gray" : "red"}
        />
      </SimpleGrid>
    </section>
  );
}

/** Why others are not counted as online; those in trouble are named beside it. */
function restOf({ aside, off }: Fleet): string | undefined {
  return [aside > 0 && `${aside} set aside`, off > 0 && `${off} switched off`].filter(Boolean).join(", ") || undefined;
}

/** Names of a few servers; the cards of the others stand first as well. */
function namesOf(servers: readonly Server[]): string | undefined {
  const names = servers.slice(0, MOST_NAMES).map(server => server.name);
  const more = servers.length - names.length;
  if (more > 0) names.push(`${more} more`);
  return names.join(", ") || undefined;
}
