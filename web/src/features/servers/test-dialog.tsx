import { Modal } from "@mantine/core";
import { useEffect } from "react";
import { useTestServer } from "../../api/servers.ts";
import type { Server } from "../../api/types.ts";
import { Failure } from "../../ui/failure.tsx";
import { ListSkeleton } from "../../ui/skeleton.tsx";
import { Tested } from "./tested.tsx";

/** Calls a server, and says what came of it. */
export function TestDialog({ server, close }: { server: Server; close: () => void }) {
  const { mutate, data, error } = useTestServer();
  useEffect(() => mutate(server.id), [mutate, server.id]);
  const again = () => mutate(server.id);
  return (
    <Modal opened onClose={close} size="lg" title={`Connection to ${server.name}`}>
      {!data && !error && <ListSkeleton rows={2} height={40} />}
      {error && <Failure title="It could not be tested" error={error} retry={again} />}
      {data && <Tested answer={data} server={server} forgotten={again} />}
    </Modal>
  );
}
