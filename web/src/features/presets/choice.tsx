import { SegmentedControl, Text } from "@mantine/core";

interface ChoiceProps {
  label: string;
  value: string;
  data: { value: string; label: string }[];
  change: (value: string) => void;
}

/** One of a few, all of them seen. */
export function Choice({ label, value, data, change }: ChoiceProps) {
  return (
    <div>
      <Text size="sm" fw={500} mb={4}>
        {label}
      </Text>
      <SegmentedControl
        size="xs"
        // More words than a narrow screen has room for stand in a second line.
        style={{ flexWrap: "wrap" }}
        maw="100%"
        aria-label={label}
        value={value}
        data={data}
        onChange={change}
      />
    </div>
  );
}
