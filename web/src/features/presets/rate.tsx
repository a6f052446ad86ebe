import { NumberInput, Slider, Stack, Switch, Text } from "@mantine/core";
import { Choice } from "./choice.tsx";
import { canTwoPass, type EncodeFieldsProps, type RateMode, rateModesOf, worstCrf } from "./form.ts";
import { inputOf } from "./refused.ts";

const RATE_MODES: Record<RateMode, string> = {
  crf: "CRF",
  quality: "Target quality",
  vbr: "Average bitrate",
  cbr: "Constant bitrate",
};

/** How bits are spent. */
export function Rate({ form, change, refused }: EncodeFieldsProps) {
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
      {mode === "crf" && (
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
      )}
      {mode === "quality" && (
        <div>
          <Text size="sm">
            VMAF {form.target_vmaf}{" "}
            <Text span c="dimmed" size="sm">
              (samples of each film are encoded to find the CRF that just reaches it)
            </Text>
          </Text>
          <Slider
            min={60}
            max={99}
            value={form.target_vmaf}
            onChange={target_vmaf => change({ ...form, target_vmaf })}
            thumbLabel="Target VMAF"
            label={null}
          />
        </div>
      )}
      {(mode === "vbr" || mode === "cbr") && (
        <NumberInput
          label="Video bitrate, Mbit/s"
          min={0.1}
          max={400}
          step={0.5}
          decimalScale={2}
          value={form.target_mbps}
          onChange={value => typeof value === "number" && change({ ...form, target_mbps: value })}
          {...inputOf("target_bitrate", refused)}
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
