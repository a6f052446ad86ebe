import { NumberInput, Select, SimpleGrid, Switch } from "@mantine/core";
import { type EncodeFieldsProps, highestFloor } from "./form.ts";
import { inputOf } from "./refused.ts";

/** What a result must hold to replace its original, and what happens when it does not. */
export function QualityFloor({ form, change, refused }: EncodeFieldsProps) {
  const highest = highestFloor(form);
  return (
    <SimpleGrid cols={{ base: 1, xs: 3 }}>
      <NumberInput
        label="Quality floor (VMAF)"
        description="Of the worst two seconds"
        min={0}
        max={highest}
        allowDecimal={false}
        value={Math.min(form.quality_floor, highest)}
        onChange={value => typeof value === "number" && change({ ...form, quality_floor: value })}
        {...inputOf("quality_floor", refused)}
      />
      <Select
        label="Looked at"
        description="To see whether it holds"
        allowDeselect={false}
        data={[
          { value: "sampled", label: "Samples" },
          { value: "whole", label: "Every second" },
        ]}
        value={form.quality_check}
        onChange={quality_check => quality_check !== null && change({ ...form, quality_check })}
        {...inputOf("quality_check", refused)}
      />
      <Select
        label="Below the floor"
        description="Tried again, lower CRF"
        allowDeselect={false}
        data={[
          { value: "0", label: "Not at all" },
          { value: "1", label: "Once" },
          { value: "2", label: "Twice" },
          { value: "3", label: "3 times" },
        ]}
        value={String(form.quality_retries)}
        onChange={value => value !== null && change({ ...form, quality_retries: Number(value) })}
        {...inputOf("quality_retries", refused)}
      />
      <Switch
        style={{ gridColumn: "1 / -1" }}
        label="Encode damaged films too"
        description="The new file has what can be seen of them"
        checked={form.accept_damage}
        onChange={event => change({ ...form, accept_damage: event.currentTarget.checked })}
      />
    </SimpleGrid>
  );
}
