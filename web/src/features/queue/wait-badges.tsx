import { Badge } from "@mantine/core";
import { IconClockHour4 } from "@tabler/icons-react";
import type { Job } from "../../api/types.ts";
import { atOf, tryOf, waitOf } from "./waits.ts";
import { useAskedServer } from "./worker.tsx";

/** How a waiting job stands: how far it is, which try comes next, and until when it waits. */
export function WaitBadges({ job, size = "xs" }: { job: Job; size?: "xs" | "sm" }) {
  const [at, again, wait] = [atOf(job), tryOf(job), waitOf(job)];
  const server = useAskedServer(job);
  return (
    <>
      {at && (
        <Badge size={size} color="yellow" variant="light">
          {at}
        </Badge>
      )}
      {again && (
        <Badge size={size} variant="light" color="orange">
          {again}
        </Badge>
      )}
      {server && (
        <Badge size={size} variant="light" color={server.isAway ? "red" : "gray"}>
          {`For ${server.name}${server.isAway ? ", which does not answer" : ""}`}
        </Badge>
      )}
      {wait && (
        <Badge size={size} variant="light" color="gray" leftSection={<IconClockHour4 size={11} aria-hidden />}>
          {wait}
        </Badge>
      )}
    </>
  );
}
