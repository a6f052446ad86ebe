import { Button, Card, Container, Group, List, Stack, Stepper, Text, ThemeIcon, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { IconCheck, IconFolderPlus, IconGift, IconRadar } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { librariesQuery, useCancelScan, useStartScan } from "../../api/libraries.ts";
import { summaryQuery, useAnalyze } from "../../api/recommendations.ts";
import type { Library } from "../../api/types.ts";
import { bytes, plural } from "../../ui/format.ts";
import { ListSkeleton } from "../../ui/skeleton.tsx";
import { AddLibraryForm } from "../libraries/add-form.tsx";
import { ScanStatus, useIsScanning } from "../libraries/scan-status.tsx";
import classes from "./page.module.css";

const PROMISES = [
  "Finds what takes more space than it must, and says why.",
  "Encodes it anew, and proves the result before anything is replaced.",
  "Keeps every original for two weeks; one click brings it back.",
];

/** From nothing to the first figure: a folder, its scan, and what it could give back. */
export function WelcomePage() {
  useDocumentTitle("Welcome · MediaFlow");
  const libraries = useQuery(librariesQuery).data;
  const [chosen, setChosen] = useState<number | null>(null);
  const library = libraries?.find(one => one.id === chosen) ?? libraries?.at(-1);
  return (
    <Container size="sm" px={0}>
      <Stack gap="lg">
        <div>
          <Title order={1}>Welcome to MediaFlow</Title>
          <List mt="sm" spacing={4} icon={<Check />}>
            {PROMISES.map(promise => (
              <List.Item key={promise}>{promise}</List.Item>
            ))}
          </List>
        </div>
        {!libraries && <ListSkeleton rows={2} height={120} />}
        {libraries && !library && (
          <Steps active={0}>
            <AddLibraryForm added={added => setChosen(added.id)} />
          </Steps>
        )}
        {library && <Scanned library={library} />}
      </Stack>
    </Container>
  );
}

function Scanned({ library }: { library: Library }) {
  const isScanning = useIsScanning(library);
  const cancel = useCancelScan();
  const start = useStartScan();
  if (isScanning) {
    return (
      <Steps active={1}>
        <Stack>
          <Text>
            Reading <b>{library.title}</b>. Nothing is changed; you may leave this page.
          </Text>
          <ScanStatus library={library} />
          <Button variant="default" onClick={() => cancel.mutate(library.id)} mr="auto">
            Stop the scan
          </Button>
        </Stack>
      </Steps>
    );
  }
  if (library.total_items === 0) {
    return (
      <Steps active={1}>
        <Stack>
          <Text>
            No media file was found in <b>{library.path}</b>.{" "}
            {library.last_scanned_at
              ? "Put some there and scan again, or add another folder."
              : "It was not scanned yet."}
          </Text>
          <Group>
            <Button onClick={() => start.mutate(library.id)} loading={start.isPending}>
              Scan
            </Button>
            <Button variant="default" component={Link} to="/settings/libraries">
              Libraries
            </Button>
          </Group>
        </Stack>
      </Steps>
    );
  }
  return (
    <Steps active={2}>
      <Gift />
    </Steps>
  );
}

/** What the libraries could give back. */
function Gift() {
  const libraries = useQuery(librariesQuery).data ?? [];
  const files = libraries.reduce((sum, library) => sum + library.total_items, 0);
  const size = libraries.reduce((sum, library) => sum + library.total_size, 0);
  const { data: summary } = useQuery(summaryQuery(null));
  const analyze = useAnalyze();
  if (!summary) return <ListSkeleton rows={1} height={90} />;
  if (summary.total === 0) {
    return (
      <Stack>
        <Text>
          {plural(files, "file")}, {bytes(size)}. What could be saved shows after the analysis.
        </Text>
        <Button onClick={() => analyze.mutate(null)} loading={analyze.isPending} mr="auto">
          Analyze
        </Button>
        {analyze.isSuccess && <Text>Nothing to save was found: these files are in good shape.</Text>}
      </Stack>
    );
  }
  return (
    <Stack>
      <div>
        <Text c="dimmed">You could get back</Text>
        <Text fz={48} fw={800} lh={1.1} c="var(--mf-link)" className="figures">
          {bytes(summary.total_estimated_savings)}
        </Text>
        <Text c="dimmed">
          of {bytes(size)} in {plural(files, "file")}
        </Text>
      </div>
      <Group>
        <Button component={Link} to="/intelligence" size="md">
          See the recommendations
        </Button>
        <Button component={Link} to="/library" variant="default" size="md">
          Look at the library
        </Button>
      </Group>
    </Stack>
  );
}

function Steps({ active, children }: { active: number; children: ReactNode }) {
  return (
    <Card padding="lg">
      <Stepper active={active} size="sm" mb="lg" wrap={false} classNames={{ stepBody: classes.label ?? "" }}>
        <Stepper.Step label="Add a folder" icon={<IconFolderPlus size={18} />} />
        <Stepper.Step label="Scan" icon={<IconRadar size={18} />} />
        <Stepper.Step label="What you get" icon={<IconGift size={18} />} />
      </Stepper>
      {children}
    </Card>
  );
}

function Check() {
  return (
    <ThemeIcon size={20} radius="xl" color="teal" variant="light">
      <IconCheck size={14} />
    </ThemeIcon>
  );
}
