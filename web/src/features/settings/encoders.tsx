import { Badge, Button, Group, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { encodersQuery, useTryEncoders } from "../../api/encoders.ts";
import type { Encoder } from "../../api/types.ts";
import { Failure } from "../../ui/failure.tsx";
import { ListSkeleton } from "../../ui/skeleton.tsx";
import { Section } from "./section.tsx";

/** What encodes and decodes on this machine, each as a real second of pictures showed. */
export function Encoders() {
  const { data, error, refetch } = useQuery(encodersQuery);
  const again = useTryEncoders();
  return (
    <Section
      title="Encoders"
      note="Each was tried with a second of pictures. One that fails a film is tried again at once, and not used if it fails that too."
      action={
        <Button variant="default" loading={again.isPending} onClick={() => again.mutate()}>
          Try again
        </Button>
      }
    >
      {error && <Failure title="The encoders could not be read" error={error} retry={() => void refetch()} />}
      {!data && !error && <ListSkeleton rows={6} height={24} />}
      {data && !data.is_tried && <Text c="dimmed">They are being tried.</Text>}
      {data?.is_tried && (
        <Table verticalSpacing={6} aria-label="Encoders">
          <Table.Tbody>
            {data.encoders.map(encoder => (
              <Row
                key={encoder.name}
                name={encoder.name}
                works={encoder.works}
                says={encoder.works ? abilitiesOf(encoder) : encoder.reason}
              />
            ))}
            {data.decoders.map(decoder => (
              <Row
                key={decoder.name}
                name={`Decoding by ${decoder.name}`}
                works={decoder.codecs.length > 0}
                says={decoder.codecs.join(", ") || decoder.reason}
              />
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Section>
  );
}

function Row({ name, works, says }: { name: string; works: boolean; says: string | null | undefined }) {
  return (
    <Table.Tr>
      <Table.Th w={{ base: 150, sm: 200 }} fw={500} className="break-anywhere">
        {name}
      </Table.Th>
      <Table.Td>
        <Group gap={8}>
          <Badge size="sm" variant="light" color={works ? "teal" : "gray"}>
            {works ? "Works" : "No"}
          </Badge>
          <Text size="sm" c="dimmed" className="break-anywhere">
            {says}
          </Text>
        </Group>
      </Table.Td>
    </Table.Tr>
  );
}

function abilitiesOf(encoder: Encoder): string {
  const facts = [
    encoder.ten_bit && "8 and 10 bits",
    encoder.ten_bit_reason && `8 bits only: ${encoder.ten_bit_reason}`,
    encoder.two_pass && "two passes",
  ];
  return facts.filter(Boolean).join(", ");
}
