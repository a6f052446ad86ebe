import { Button, SimpleGrid, Stack } from "@mantine/core";
import { IconPlus, IconServer } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { serversQuery } from "../../api/servers.ts";
import type { Server } from "../../api/types.ts";
import { Empty } from "../../ui/empty.tsx";
import { Failure } from "../../ui/failure.tsx";
import { Page } from "../../ui/page.tsx";
import { ListSkeleton } from "../../ui/skeleton.tsx";
import { BenchmarkAll } from "./benchmark-all.tsx";
import { BenchmarksDialog } from "./benchmarks.tsx";
import { ServerCard } from "./card.tsx";
import { CompareTable } from "./compare.tsx";
import { ServerDialog } from "./dialog.tsx";
import { inReadingOrder } from "./fleet.ts";
import { SetupDialog } from "./setup.tsx";
import { FleetSummary } from "./summary.tsx";
import { TestDialog } from "./test-dialog.tsx";

/** A dialog that is open, and for which server; null adds one. */
type Opened =
  | { dialog: "edit"; server: Server | null }
  | { dialog: "test" | "setup" | "benchmarks"; server: Server }
  | null;

/** The machines that encode: this one, and those that let us in over SSH. */
export function ServersPage() {
  const { data, error, refetch } = useQuery({ ...serversQuery, select: inOrder });
  const [opened, setOpened] = useState<Opened>(null);
  const close = () => setOpened(null);
  const add = (
    <Button
      leftSection={<IconPlus size={16} aria-hidden />}
      onClick={() => setOpened({ dialog: "edit", server: null })}
    >
      Add a server
    </Button>
  );
  // A server that changed meanwhile is shown as it is now.
  const shown = opened?.server && (data?.find(server => server.id === opened.server?.id) ?? opened.server);
  return (
    <Page
      title="Servers"
      subtitle="The machines that encode, and those that only have libraries"
      actions={
        <>
          {data && <BenchmarkAll servers={data} />}
          {add}
        </>
      }
    >
      {error && <Failure title="The servers could not be read" error={error} retry={() => void refetch()} />}
      {!data && !error && <ListSkeleton rows={2} height={260} />}
      {data && (
        <Stack gap="xl">
          {data.length > 1 && <FleetSummary servers={data} />}
          <SimpleGrid cols={{ base: 1, md: 2, xl: 3 }} spacing="md">
            {data.map(server => (
              <ServerCard
                key={server.id}
                server={server}
                edit={() => setOpened({ dialog: "edit", server })}
                test={() => setOpened({ dialog: "test", server })}
                setUp={() => setOpened({ dialog: "setup", server })}
                showBenchmarks={() => setOpened({ dialog: "benchmarks", server })}
              />
            ))}
          </SimpleGrid>
          {data.length > 1 ? <CompareTable servers={data} /> : <OnlyThisOne />}
        </Stack>
      )}
      {opened?.dialog === "edit" && <ServerDialog server={opened.server} close={close} />}
      {opened?.dialog === "test" && shown && <TestDialog server={shown} close={close} />}
      {opened?.dialog === "setup" && shown && <SetupDialog server={shown} close={close} />}
      {opened?.dialog === "benchmarks" && shown && <BenchmarksDialog server={shown} close={close} />}
    </Page>
  );
}

const inOrder = (servers: readonly Server[]) => inReadingOrder(servers);

function OnlyThisOne() {
  return (
    <Empty icon={IconServer} title="Only this machine encodes">
      Any machine with an SSH server can help: no mount, no agent to install. What it needs is brought there. “Add a
      server” above asks where it is.
    </Empty>
  );
}
