import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { encodersQuery } from "../../api/encoders.ts";
import { GPUS } from "../../ui/hardware.ts";
import type { EncodeFieldsProps } from "./form.ts";
import { inputOf } from "./refused.ts";

/** Who encodes. What does not work on this machine can be chosen all the same: the CPU does it then, and the job says so. */
export function HardwareField({ form, change, refused }: EncodeFieldsProps) {
  const { data } = useQuery(encodersQuery);
  const works = new Set(data?.hw_accel_types);
  const found = Object.keys(GPUS).filter(gpu => works.has(gpu));
  const families = Object.entries(GPUS)
    .filter(([value]) => value !== "videotoolbox" || form.video_codec !== "libsvtav1")
    .map(([value, name]) => ({ value, label: works.has(value) ? name : `${name}, not found here` }));
  return (
    <Select
      label="Encoded by"
      description={
        found.length > 0
          ? "A GPU is many times faster; its files are larger for the same picture"
          : "No GPU that encodes was found on this machine"
      }
      allowDeselect={false}
      data={[
        { value: "auto", label: "The GPU where it can, else the CPU" },
        { value: "none", label: "The CPU" },
        ...families,
      ]}
      value={form.hw_accel}
      onChange={hw_accel => hw_accel !== null && change({ ...form, hw_accel })}
      {...inputOf("hw_accel", refused)}
    />
  );
}
