import { Accordion, Group, Select, SimpleGrid, Stack, TextInput } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { Choice } from "./choice.tsx";
import { type EncodeFieldsProps, type EncodeForm, ORIGINAL, TUNES } from "./form.ts";
import { HardwareField } from "./hardware.tsx";
import { QualityFloor } from "./quality.tsx";
import { Rate } from "./rate.tsx";
import { goToRefused, inputOf, type Refused, refusedBy } from "./refused.ts";
import { AudioFields, SubtitleFields, TrackRules } from "./tracks.tsx";

/** The fields of each fold: one that holds what was refused is open. */
const FOLDS = {
  tracks: ["audio_languages", "audio_default_language", "subtitle_languages", "burn_language"],
  encoder: ["quality_floor", "quality_check", "quality_retries", "encoder_tune", "custom_flags"],
};

function foldsOf(refused: Refused): string[] {
  return Object.entries(FOLDS).flatMap(([fold, fields]) => (fields.some(field => field in refused) ? [fold] : []));
}

/** What is to happen to a file, field by field; `sent` is what was refused when it was sent, whose first field is shown. */
export function EncodeFields({ form, change, refused, sent }: EncodeFieldsProps & { sent: unknown }) {
  const root = useRef<HTMLDivElement>(null);
  const [opened, setOpened] = useState<string[]>([]);
  useEffect(() => goToRefused(root.current, refusedBy(sent)), [sent]);
  const set = <Name extends keyof EncodeForm>(name: Name, value: EncodeForm[Name]) =>
    change({ ...form, [name]: value });
  const pick = (name: "video_codec" | "target_resolution" | "encoder_tune") => ({
    value: form[name],
    onChange: (value: string | null) => value !== null && set(name, value),
    allowDeselect: false,
    ...inputOf(name, refused),
  });
  const isCopy = form.video_codec === "copy";
  const tunes = TUNES[form.video_codec] ?? [];
  return (
    <Stack gap="md" ref={root}>
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <Select
          label="Video codec"
          data={[
            { value: "libx265", label: "HEVC (x265)" },
            { value: "libsvtav1", label: "AV1 (SVT-AV1)" },
            { value: "libx264", label: "H.264 (x264)" },
            { value: "copy", label: "Copy (remux)" },
          ]}
          {...pick("video_codec")}
        />
        <Select
          label="Largest picture"
          description={isCopy ? "A copied picture keeps its size" : undefined}
          disabled={isCopy}
          data={[{ value: ORIGINAL, label: "As the source" }, "4K", "1080p", "720p", "480p", "SD"]}
          {...pick("target_resolution")}
        />
      </SimpleGrid>
      {!isCopy && <HardwareField form={form} change={change} refused={refused} />}
      {!isCopy && <Rate form={form} change={change} refused={refused} />}
      <AudioFields form={form} change={change} refused={refused} />
      <SubtitleFields form={form} change={change} refused={refused} />
      <Group gap="xl">
        <Choice
          label="Container"
          value={form.container}
          data={[
            { value: "mkv", label: "MKV" },
            { value: "mp4", label: "MP4" },
          ]}
          change={value => set("container", value)}
        />
        {!isCopy && (
          <Choice
            label="HDR"
            value={form.hdr_mode}
            data={[
              { value: "preserve", label: "Keep" },
              { value: "tonemap", label: "Tone-map to SDR" },
            ]}
            change={value => set("hdr_mode", value)}
          />
        )}
      </Group>
      <Accordion
        multiple
        variant="separated"
        value={[...new Set([...opened, ...foldsOf(refused)])]}
        onChange={setOpened}
        transitionDuration={0}
      >
        <Accordion.Item value="tracks">
          <Accordion.Control>Languages and tracks</Accordion.Control>
          <Accordion.Panel>
            <TrackRules form={form} change={change} refused={refused} />
          </Accordion.Panel>
        </Accordion.Item>
        {!isCopy && (
          <Accordion.Item value="encoder">
            <Accordion.Control>Quality floor, tuning and flags</Accordion.Control>
            <Accordion.Panel>
              <Stack gap="sm">
                <QualityFloor form={form} change={change} refused={refused} />
                {tunes.length > 0 && (
                  <Select label="Tuning" data={[{ value: "", label: "None" }, ...tunes]} {...pick("encoder_tune")} />
                )}
                <TextInput
                  label="Flags for the encoder"
                  description="In ffmpeg's words; only those that tune the encoder or clean the picture"
                  placeholder="-bf 4 -vf hqdn3d"
                  value={form.custom_flags}
                  onChange={event => set("custom_flags", event.currentTarget.value)}
                  {...inputOf("custom_flags", refused)}
                />
              </Stack>
            </Accordion.Panel>
          </Accordion.Item>
        )}
      </Accordion>
    </Stack>
  );
}
