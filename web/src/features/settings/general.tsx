import { Alert, Button, Code, Group, SegmentedControl, Stack, Table, Text, useMantineColorScheme } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { sessionQuery, useLogout } from "../../api/access.ts";
import { diagnosticsQuery } from "../../api/logs.ts";
import { Failure } from "../../ui/failure.tsx";
import { bytes, duration } from "../../ui/format.ts";
import { ListSkeleton } from "../../ui/skeleton.tsx";
import { ApiKeys } from "./api-keys.tsx";
import { Encoders } from "./encoders.tsx";
import { Section } from "./section.tsx";

/** The server, who may use it, and how it looks. */
export function GeneralSettings() {
  return (
    <Stack>
      <Server />
      <Encoders />
      <Login />
      <ApiKeys />
      <Appearance />
    </Stack>
  );
}

function Server() {
  const { data, error, refetch } = useQuery(diagnosticsQuery);
  return (
    <Section title="This server">
      {error && <Failure title="The server's state could not be read" error={error} retry={() => void refetch()} />}
      {!data && !error && <ListSkeleton rows={3} height={24} />}
      {data && (
        <Table verticalSpacing={6} layout="fixed">
          <Table.Tbody>
            <Fact name="Version">{data.app.version}</Fact>
            <Fact name="Machine">
              {data.system.hostname} ({data.system.platform}, {data.system.architecture})
            </Fact>
            {data.app.uptime_seconds != null && <Fact name="Running for">{duration(data.app.uptime_seconds)}</Fact>}
            <Fact name="ffmpeg">{data.ffmpeg ? `${data.ffmpeg.version}, ${data.ffmpeg.path}` : "not found"}</Fact>
            {data.ffmpeg && (
              <Fact name="Quality is measured by">
                {data.ffmpeg.has_vmaf ? "VMAF" : "SSIM (this ffmpeg has no VMAF)"}
              </Fact>
            )}
            <Fact name="Data">
              {data.app.data_dir} (database: {bytes(data.app.db_size_bytes)})
            </Fact>
            <Fact name="Working files">
              {data.app.cache_dir} ({bytes(data.app.cache_size_bytes)})
            </Fact>
          </Table.Tbody>
        </Table>
      )}
    </Section>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <Table.Tr>
      <Table.Th w={{ base: 120, sm: 200 }} fw={500}>
        {name}
      </Table.Th>
      <Table.Td className="break-anywhere figures">{children}</Table.Td>
    </Table.Tr>
  );
}

function Login() {
  const { data: session } = useQuery(sessionQuery);
  const logout = useLogout();
  if (!session) return null;
  return (
    <Section title="Login">
      {session.password_set ? (
        <Group justify="space-between">
          <Text size="sm">
            A password is set. <Code>mediaflow passwd</Code> on the server's machine changes it and ends all sessions.
          </Text>
          <Button variant="default" loading={logout.isPending} onClick={() => logout.mutate()}>
            Log out
          </Button>
        </Group>
      ) : (
        <Alert variant="light" color="accent" title="No password is set">
          Only programs and people on this machine can reach MediaFlow. To use it from elsewhere, set a password with{" "}
          <Code>mediaflow passwd</Code>, then start it with <Code>--host 0.0.0.0</Code>.
        </Alert>
      )}
    </Section>
  );
}

function Appearance() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Section title="Appearance" note="Remembered in this browser">
      <SegmentedControl
        aria-label="Theme"
        mr="auto"
        value={colorScheme === "light" ? "light" : "dark"}
        onChange={value => setColorScheme(value === "light" ? "light" : "dark")}
        data={[
          { value: "dark", label: "Dark" },
          { value: "light", label: "Light" },
        ]}
      />
    </Section>
  );
}
