import { Alert, Button, Group, Text, Tooltip } from "@mantine/core";
import { IconPlugConnectedX } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useLiveConnection } from "../live/context.tsx";
import classes from "./connection.module.css";

/** A lost connection is mentioned after this time: a restart of the server takes less. */
const PATIENCE_MS = 1500;

/** A dot and a word: whether what is shown is live. */
export function ConnectionDot() {
  const { connection } = useLiveConnection();
  const word = { connecting: "Connecting", open: "Live", waiting: "Disconnected" }[connection.state];
  return (
    <Tooltip label={connection.state === "open" ? "Changes show at once" : "What is shown may be old"}>
      <Group gap={8} px={8} role="status">
        <span className={classes.dot} data-state={connection.state} aria-hidden />
        <Text size="sm" c="dimmed">
          {word}
        </Text>
      </Group>
    </Tooltip>
  );
}

/** Above the page while the server does not answer. */
export function ConnectionBanner() {
  const { connection, retryNow } = useLiveConnection();
  const now = useNow(connection.state === "waiting");
  if (connection.state !== "waiting" || now - connection.since < PATIENCE_MS) return null;
  const seconds = Math.max(0, Math.ceil((connection.retryAt - now) / 1000));
  return (
    <Alert
      color="orange"
      variant="light"
      mb="md"
      icon={<IconPlugConnectedX />}
      title="MediaFlow does not answer"
      role="alert"
    >
      <Group justify="space-between">
        <Text size="sm">
          What is shown may be old. Running encodes go on without this page, and it catches up by itself when MediaFlow
          is back. {seconds > 0 ? `Trying again in ${seconds} s.` : "Trying now…"}
        </Text>
        <Button size="xs" variant="default" onClick={retryNow}>
          Try now
        </Button>
      </Group>
    </Alert>
  );
}

/** The time, each half second while somebody looks at a countdown. */
function useNow(ticking: boolean): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!ticking) return;
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, [ticking]);
  return now;
}
