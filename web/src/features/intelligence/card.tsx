import { ActionIcon, Badge, Button, Card, Group, Menu, Stack, Text, ThemeIcon, Tooltip } from "@mantine/core";
import { IconCheck, IconDots, IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { presetsQuery } from "../../api/presets.ts";
import type { Recommendation } from "../../api/types.ts";
import { bytes, percent } from "../../ui/format.ts";
import { PathText } from "../../ui/path-text.tsx";
import { confidenceOf, kindOf } from "./kinds.ts";

/** What the user can say to a recommendation. */
export interface Answers {
  accept: (one: Recommendation) => void;
  dismiss: (one: Recommendation) => void;
  reopen: (one: Recommendation) => void;
  queue: (one: Recommendation, presetId: number | null) => void;
}

/** What a recommendation is about. */
export function nameOf(one: Recommendation): string {
  return one.media_title ?? one.title;
}

/** One thing worth doing: what it gives back, how sure that is, and why. */
export function RecommendationCard({ one, answers }: { one: Recommendation; answers: Answers }) {
  const kind = kindOf(one.type);
  const name = nameOf(one);
  return (
    <Card component="article" aria-label={name} h="100%">
      <Stack gap="sm" h="100%">
        <Group wrap="nowrap" align="flex-start" gap="sm">
          <ThemeIcon variant="light" size={36} color={one.severity === "warning" ? "orange" : "accent"}>
            <kind.icon size={20} stroke={1.7} />
          </ThemeIcon>
          <div style={{ flex: 1, minWidth: 0 }}>
            <Text fw={600} className="break-anywhere">
              {name} {one.media_year && <Text span c="dimmed" inherit>{`(${one.media_year})`}</Text>}
            </Text>
            <Text size="xs" c="dimmed">
              {one.media_title ? deedOf(one.title) : kind.label}
            </Text>
            <Text size="xs" c="dimmed" component="div">
              <PathText path={one.file_path} />
            </Text>
          </div>
          {one.priority_score != null && (
            <Tooltip label="Priority, of 100">
              <Badge variant="default" className="figures">
                {Math.round(one.priority_score)}
              </Badge>
            </Tooltip>
          )}
        </Group>
        <Savings one={one} />
        {one.description && (
          <Text size="sm" c="dimmed" style={{ flex: 1 }}>
            {one.description}
          </Text>
        )}
        <Group justify="space-between" mt="auto">
          {one.confidence != null && <Confidence value={one.confidence} />}
          <Actions one={one} answers={answers} name={name} />
        </Group>
      </Stack>
    </Card>
  );
}

/** What would be done, without the name of the film before it. */
function deedOf(title: string): string {
  return title.split(": ").at(-1) ?? title;
}

function Savings({ one }: { one: Recommendation }) {
  const { estimated_savings: saved, media_file_size: size } = one;
  if (!saved) return <Text size="sm">Saves no space, but plays in more places</Text>;
  return (
    <Group gap={8} align="baseline" className="figures">
      <Text fw={700} size="xl" c="var(--mf-link)">
        {bytes(saved)}
      </Text>
      {size != null && size > 0 && (
        <Text size="sm" c="dimmed">
          {percent((saved / size) * 100)} of {bytes(size)}
        </Text>
      )}
    </Group>
  );
}

function Confidence({ value }: { value: number }) {
  const { word, color } = confidenceOf(value);
  return (
    <Tooltip label="How sure the estimate is">
      <Badge variant="dot" color={color}>
        {word}, {Math.round(value * 100)} %
      </Badge>
    </Tooltip>
  );
}

function Actions({ one, answers, name }: { one: Recommendation; answers: Answers; name: string }) {
  const presets = useQuery(presetsQuery);
  if (one.is_actioned) return <Badge variant="light">Queued</Badge>;
  if (one.is_dismissed) {
    return (
      <Button size="xs" variant="default" onClick={() => answers.reopen(one)} aria-label={`Take back: ${name}`}>
        Take back
      </Button>
    );
  }
  return (
    <Group gap={6} wrap="nowrap">
      <Tooltip label="Dismiss">
        <ActionIcon
          variant="subtle"
          color="gray"
          size="md"
          onClick={() => answers.dismiss(one)}
          aria-label={`Dismiss: ${name}`}
        >
          <IconX size={18} />
        </ActionIcon>
      </Tooltip>
      {one.is_accepted ? (
        <Button
          size="xs"
          variant="light"
          leftSection={<IconCheck size={14} aria-hidden />}
          onClick={() => answers.reopen(one)}
          aria-label={`Accepted, take back: ${name}`}
        >
          Accepted
        </Button>
      ) : (
        <Button size="xs" onClick={() => answers.accept(one)} aria-label={`Accept: ${name}`}>
          Accept
        </Button>
      )}
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="default" size="md" aria-label={`Queue now: ${name}`}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => answers.queue(one, null)}>Queue now ({one.suggested_preset})</Menu.Item>
          <Menu.Divider />
          <Menu.Label>Queue with another preset</Menu.Label>
          {presets.data?.map(preset => (
            <Menu.Item key={preset.id} onClick={() => answers.queue(one, preset.id)}>
              {preset.name}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </Group>
  );
}
