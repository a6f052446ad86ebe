import { Button, Group, Stack, Table, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { itemDetailsQuery } from "../../api/library.ts";
import type { Item, ItemDetails, Stream } from "../../api/types.ts";
import { Failure } from "../../ui/failure.tsx";
import { bitrate, bytes, clock } from "../../ui/format.ts";
import { ListSkeleton } from "../../ui/skeleton.tsx";
import { StreamRows } from "../../ui/stream-table.tsx";
import { TextLink } from "../../ui/text-link.tsx";
import { When } from "../../ui/when.tsx";
import { useServerOf } from "./server-of.ts";

/** Everything known of one file. */
export function Details({ id, transcode }: { id: number; transcode: (item: Item) => void }) {
  const { data, error, refetch } = useQuery(itemDetailsQuery(id));
  const serverOf = useServerOf();
  if (error) return <Failure title="The details could not be read" error={error} retry={() => void refetch()} />;
  if (!data) return <ListSkeleton />;
  const { item } = data;
  const server = serverOf(item);
  const of = (kind: string) => data.streams.filter(stream => stream.kind === kind);
  return (
    <Stack gap="lg">
      <div>
        <Title order={2} size="h3">
          {item.title} {item.year && <Text span c="dimmed" inherit>{`(${item.year})`}</Text>}
        </Title>
        <Text size="sm" c="dimmed" className="break-anywhere">
          {server && `on ${server} · `}
          {item.file_path}
        </Text>
      </div>
      <Group>
        <Button onClick={() => transcode(item)}>Transcode…</Button>
        {data.job_ids.map(job => (
          <TextLink key={job} to="/queue" search={{ job }} size="sm">
            Job {job}
          </TextLink>
        ))}
      </Group>
      <Facts details={data} />
      <Streams title="Video" streams={[...of("video"), ...of("cover")]} />
      <Streams title="Audio" streams={of("audio")} />
      <Streams title="Subtitles" streams={of("subtitle")} />
      <Streams title="Attachments and data" streams={[...of("attachment"), ...of("data")]} />
      {data.chapters.length > 0 && (
        <Section title={`Chapters (${data.chapters.length})`}>
          {data.chapters.map(chapter => (
            <Table.Tr key={chapter.start_ms}>
              <Table.Td w={90} className="figures">
                {clock(chapter.start_ms / 1000)}
              </Table.Td>
              <Table.Td>{chapter.title}</Table.Td>
            </Table.Tr>
          ))}
        </Section>
      )}
      {Object.keys(data.container_tags).length > 0 && (
        <Section title="Tags">
          {Object.entries(data.container_tags).map(([name, value]) => (
            <Table.Tr key={name}>
              <Table.Td w={160}>{name}</Table.Td>
              <Table.Td className="break-anywhere">{value}</Table.Td>
            </Table.Tr>
          ))}
        </Section>
      )}
    </Stack>
  );
}

function Facts({ details }: { details: ItemDetails }) {
  const { item } = details;
  const facts: [string, string | null | undefined][] = [
    ["Size", item.file_size == null ? null : bytes(item.file_size)],
    ["Duration", item.duration_ms == null ? null : clock(item.duration_ms / 1000)],
    ["Container", item.container],
    ["Overall bitrate", details.bitrate == null ? null : bitrate(details.bitrate)],
    ["Resolution", item.width && item.height ? `${item.width} × ${item.height} (${item.resolution_tier})` : null],
    ["Dynamic range", item.hdr_format ?? (item.is_hdr ? "HDR" : "SDR")],
    ["Library", item.library_title],
  ];
  return (
    <Section title="File">
      {facts.map(
        ([name, value]) =>
          value && (
            <Table.Tr key={name}>
              <Table.Td w={160}>{name}</Table.Td>
              <Table.Td className="figures">{value}</Table.Td>
            </Table.Tr>
          ),
      )}
      <Table.Tr>
        <Table.Td>First seen</Table.Td>
        <Table.Td>
          <When at={details.added_at} />
        </Table.Td>
      </Table.Tr>
    </Section>
  );
}

function Streams({ title, streams }: { title: string; streams: Stream[] }) {
  if (streams.length === 0) return null;
  return (
    <Section title={streams.length > 1 ? `${title} (${streams.length})` : title}>
      <StreamRows streams={streams} withKind={false} />
    </Section>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <Title order={3} size="h5" mb={6}>
        {title}
      </Title>
      <Table verticalSpacing={6}>
        <Table.Tbody>{children}</Table.Tbody>
      </Table>
    </section>
  );
}
