import {
  Group,
  NumberInput,
  SegmentedControl,
  Select,
  SimpleGrid,
  Slider,
  Stack,
  Switch,
  Text,
  TextInput,
} from "@mantine/core";
import { canTwoPass, type EncodeForm, ORIGINAL, type RateMode, rateModesOf, TUNES, worstCrf } from "./form.ts";

interface EncodeFieldsProps {
  form: EncodeForm;
  change: (form: EncodeForm) => void;
}

/** What is to happen to a file, field by field. */
export function EncodeFields({ form, change }: EncodeFieldsProps) {
  const set = <Name extends keyof EncodeForm>(name: Name, value: EncodeForm[Name]) =>
    change({ ...form, [name]: value });
  const pick = (name: "video_codec" | "target_resolution" | "audio_mode" | "audio_codec" | "encoder_tune") => ({
    value: form[name],
    onChange: (value: string | null) => value !== null && set(name, value),
    allowDeselect: false,
  });
  const isCopy = form.video_codec === "copy";
  const tunes = TUNES[form.video_codec] ?? [];
  return (
    <Stack gap="md">
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
      {!isCopy && <Rate form={form} change={change} />}
      {!isCopy && tunes.length > 0 && (
        <Select label="Tuning" data={[{ value: "", label: "None" }, ...tunes]} {...pick("encoder_tune")} />
      )}
      {!isCopy && (
        <TextInput
          label="Flags for the encoder"
          description="In ffmpeg's words; only those that tune the encoder or clean the picture"
          placeholder="-bf 4 -vf hqdn3d"
          value={form.custom_flags}
          onChange={event => set("custom_flags", event.currentTarget.value)}
        />
      )}
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <Select
          label="Audio"
          data={[
            { value: "copy", label: "Copy all tracks" },
            { value: "transcode", label: "Re-encode, same channels" },
            { value: "downmix", label: "Downmix to stereo AAC" },
          ]}
          {...pick("audio_mode")}
        />
        {form.audio_mode === "transcode" && (
          <Select
            label="Audio codec"
            data={[
              { value: "aac", label: "AAC" },
              { value: "ac3", label: "Dolby Digital (AC-3)" },
              { value: "eac3", label: "Dolby Digital Plus (E-AC-3)" },
              { value: "libopus", label: "Opus" },
            ]}
            {...pick("audio_codec")}
          />
        )}
      </SimpleGrid>
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
        <Choice
          label="Subtitles"
          value={form.subtitle_mode}
          data={[
            { value: "copy", label: "Keep" },
            { value: "remove", label: "Remove" },
          ]}
          change={value => set("subtitle_mode", value)}
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
    </Stack>
  );
}

const RATE_MODES: Record<RateMode, string> = {
  crf: "Quality (CRF)",
  vbr: "Average bitrate",
  cbr: "Constant bitrate",
};

function Rate({ form, change }: EncodeFieldsProps) {
  const worst = worstCrf(form.video_codec);
  const modes = rateModesOf(form.video_codec);
  const mode = modes.includes(form.bitrate_mode) ? form.bitrate_mode : "vbr";
  return (
    <Stack gap="xs">
      <Choice
        label="Rate control"
        value={mode}
        data={modes.map(value => ({ value, label: RATE_MODES[value] }))}
        change={value => change({ ...form, bitrate_mode: value as RateMode })}
      />
      {mode === "crf" ? (
        <div>
          <Text size="sm">
            CRF {form.crf_value}{" "}
            <Text span c="dimmed" size="sm">
              (lower is better and larger)
            </Text>
          </Text>
          <Slider
            min={0}
            max={worst}
            value={Math.min(form.crf_value, worst)}
            onChange={crf_value => change({ ...form, crf_value })}
            thumbLabel="CRF"
            label={null}
          />
        </div>
      ) : (
        <NumberInput
          label="Video bitrate, Mbit/s"
          min={0.1}
          max={400}
          step={0.5}
          decimalScale={2}
          value={form.target_mbps}
          onChange={value => typeof value === "number" && change({ ...form, target_mbps: value })}
        />
      )}
      {mode === "vbr" && canTwoPass(form.video_codec) && (
        <Switch
          label="Two passes"
          description="Meets the bitrate more closely, in about twice the time"
          checked={form.two_pass}
          onChange={event => change({ ...form, two_pass: event.currentTarget.checked })}
        />
      )}
    </Stack>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  data: { value: string; label: string }[];
  change: (value: string) => void;
}

function Choice({ label, value, data, change }: ChoiceProps) {
  return (
    <div>
      <Text size="sm" fw={500} mb={4}>
        {label}
      </Text>
      <SegmentedControl size="xs" aria-label={label} value={value} data={data} onChange={change} />
    </div>
  );
}
