import { Group, NumberInput, Select } from "@mantine/core";
import { Choice } from "./choice.tsx";
import { type EncodeFieldsProps, highestFloor } from "./form.ts";

/** What a result must hold to replace its original, and what happens when it does not. */
export function QualityFloor({ form, change }: EncodeFieldsProps) {
  const highest = highestFloor(form);
  return (
    <Group gap="xl" align="flex-end">
      <NumberInput
        label="Least VMAF of the worst seconds"
        w={220}
        min={0}
        max={highest}
        allowDecimal={false}
        value={Math.min(form.quality_floor, highest)}
        onChange={value => typeof value === "number" && change({ ...form, quality_floor: value })}
      />
      <Choice
        label="Looked at"
        value={form.quality_check}
        data={[
          { value: "sampled", label: "Samples" },
          { value: "whole", label: "Every second" },
        ]}
        change={quality_check => change({ ...form, quality_check })}
      />
      <Select
        label="Below it"
        w={220}
        allowDeselect={false}
        data={[
          { value: "0", label: "Keep the original" },
          { value: "1", label: "Once more with lower CRF" },
          { value: "2", label: "Twice more with lower CRF" },
          { value: "3", label: "3 times more with lower CRF" },
        ]}
        value={String(form.quality_retries)}
        onChange={value => value !== null && change({ ...form, quality_retries: Number(value) })}
      />
    </Group>
  );
}
