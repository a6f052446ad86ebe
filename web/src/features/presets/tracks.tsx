import { Select, SimpleGrid, Stack, Switch, TagsInput, TextInput } from "@mantine/core";
import { Choice } from "./choice.tsx";
import type { EncodeFieldsProps } from "./form.ts";
import { inputOf } from "./refused.ts";

const CODECS = [
  { value: "aac", label: "AAC" },
  { value: "ac3", label: "Dolby Digital (AC-3)" },
  { value: "eac3", label: "Dolby Digital Plus (E-AC-3)" },
  { value: "libopus", label: "Opus" },
];

/** What becomes of sound. */
export function AudioFields({ form, change, refused }: EncodeFieldsProps) {
  return (
    <SimpleGrid cols={{ base: 1, xs: 3 }}>
      <Select
        label="Audio"
        allowDeselect={false}
        data={[
          { value: "copy", label: "Copy" },
          { value: "transcode", label: "Re-encode" },
          { value: "downmix", label: "Downmix" },
        ]}
        value={form.audio_mode}
        onChange={audio_mode => audio_mode !== null && change({ ...form, audio_mode })}
        {...inputOf("audio_mode", refused)}
      />
      {form.audio_mode !== "copy" && (
        <Select
          label="Audio codec"
          allowDeselect={false}
          data={CODECS}
          value={form.audio_codec}
          onChange={audio_codec => audio_codec !== null && change({ ...form, audio_codec })}
          {...inputOf("audio_codec", refused)}
        />
      )}
      {form.audio_mode === "downmix" && (
        <Select
          label="Down to"
          allowDeselect={false}
          data={[
            { value: "stereo", label: "Stereo" },
            { value: "5.1", label: "5.1" },
          ]}
          value={form.audio_channels}
          onChange={audio_channels => audio_channels !== null && change({ ...form, audio_channels })}
          {...inputOf("audio_channels", refused)}
        />
      )}
    </SimpleGrid>
  );
}

const SUBTITLE_MODES = [
  { value: "copy", label: "Keep" },
  { value: "convert", label: "All as plain text" },
  { value: "burn", label: "Burn in" },
  { value: "remove", label: "Remove" },
];

/** What becomes of subtitles. Nothing can be drawn into a copied picture. */
export function SubtitleFields({ form, change }: EncodeFieldsProps) {
  const isCopy = form.video_codec === "copy";
  return (
    <Choice
      label="Subtitles"
      value={isCopy && form.subtitle_mode === "burn" ? "copy" : form.subtitle_mode}
      data={SUBTITLE_MODES.filter(mode => !(isCopy && mode.value === "burn"))}
      change={subtitle_mode => change({ ...form, subtitle_mode })}
    />
  );
}

/** Which tracks are kept. */
export function TrackRules({ form, change, refused }: EncodeFieldsProps) {
  return (
    <Stack gap="sm">
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <TagsInput
          label="Keep only these audio languages"
          description="Codes such as eng or de; none keeps all"
          value={form.audio_languages}
          onChange={audio_languages => change({ ...form, audio_languages })}
          {...inputOf("audio_languages", refused)}
        />
        <TextInput
          label="Default audio language"
          description="Empty leaves it as it is"
          value={form.audio_default_language}
          onChange={event => change({ ...form, audio_default_language: event.currentTarget.value })}
          {...inputOf("audio_default_language", refused)}
        />
        <TagsInput
          label="Keep only these subtitle languages"
          description="None keeps all"
          value={form.subtitle_languages}
          onChange={subtitle_languages => change({ ...form, subtitle_languages })}
          {...inputOf("subtitle_languages", refused)}
        />
        {form.subtitle_mode === "burn" && (
          <TextInput
            label="Language to burn in"
            description="Empty takes the forced track, else the default one"
            value={form.burn_language}
            onChange={event => change({ ...form, burn_language: event.currentTarget.value })}
            {...inputOf("burn_language", refused)}
          />
        )}
      </SimpleGrid>
      <Switch
        label="Leave out commentaries"
        checked={form.audio_drop_commentary}
        onChange={event => change({ ...form, audio_drop_commentary: event.currentTarget.checked })}
      />
      <Switch
        label="Add a stereo AAC track where a language has only surround sound"
        checked={form.audio_compatibility}
        onChange={event => change({ ...form, audio_compatibility: event.currentTarget.checked })}
      />
      {form.container === "mp4" && (
        <Switch
          label="Leave out image subtitles, which MP4 cannot hold"
          checked={form.drop_image_subtitles}
          onChange={event => change({ ...form, drop_image_subtitles: event.currentTarget.checked })}
        />
      )}
    </Stack>
  );
}
