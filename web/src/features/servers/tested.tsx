import { Alert, Button, Table, Text } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck } from "@tabler/icons-react";
import { useEffect, useRef } from "react";
import type { Capabilities, Server, TestAnswer } from "../../api/types.ts";
import { useAskForget } from "./forget.tsx";

interface TestedProps {
  answer: TestAnswer;
  /** The server as it is saved; null for one that is not. */
  server: Server | null;
  /** Its old host key is forgotten: it can be tried again. */
  forgotten: () => void;
}

/** What a test that failed has shown. */
function titleOf(problem: string) {
  switch (problem) {
    case "host_key_changed":
      return "It shows another host key";
    case "login_refused":
      return "It does not let us in";
    case "key_unusable":
    case "secret_lost":
      return "There is nothing to log in with";
    default:
      return "It was not reached";
  }
}

/** What came of a test: what the machine is and by which key it is known, or why it was not reached. */
export function Tested({ answer, server, forgotten }: TestedProps) {
  const shown = useRef<HTMLDivElement>(null);
  const askForget = useAskForget();
  // In a long dialog it appears below what is in sight.
  // biome-ignore lint/correctness/useExhaustiveDependencies: every answer is to be seen
  useEffect(() => {
    // Not given back: newer browsers answer with a promise, which React would take for something to clean up.
    void shown.current?.scrollIntoView({ block: "center" });
  }, [answer]);
  if (answer.status === "error") {
    return (
      <Alert
        ref={shown}
        color="red"
        variant="light"
        icon={<IconAlertTriangle />}
        title={titleOf(answer.problem)}
        role="alert"
      >
        <Text size="sm" className="break-anywhere">
          {answer.message}
        </Text>
        {answer.problem === "host_key_changed" && server && (
          <Button size="xs" variant="default" mt="sm" onClick={() => askForget(server, forgotten)}>
            Forget the old key…
          </Button>
        )}
      </Alert>
    );
  }
  const facts = factsOf(answer.capabilities, answer.host_key_fingerprint);
  return (
    <Alert ref={shown} color="teal" variant="light" icon={<IconCircleCheck />} title="It lets us in" role="status">
      <Text size="sm">{answer.message}</Text>
      <Table verticalSpacing={4} layout="fixed" mt="xs">
        <Table.Tbody>
          {facts.map(([name, value]) => (
            <Table.Tr key={name}>
              <Table.Th w={90} fw={500}>
                {name}
              </Table.Th>
              <Table.Td className="break-anywhere">{value}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Alert>
  );
}

/** What the sentence does not tell. */
function factsOf(is: Capabilities, host_key: string | null): [string, string][] {
  const facts: [string, string | null][] = [
    ["CPU", is.cpu_model],
    ["ffmpeg", is.ffmpeg_version],
    ["Host key", host_key],
  ];
  return facts.filter((fact): fact is [string, string] => fact[1] !== null);
}
