import { Progress, type ProgressRootProps } from "@mantine/core";

interface ProgressBarProps extends Pick<ProgressRootProps, "size" | "mt"> {
  /** What it is that gets on, for screen readers. */
  label: string;
  /** 0 to 100; null while it is under way and not known how far. */
  value: number | null;
}

/** How far something is that happens now. */
export function ProgressBar({ label, value, ...bar }: ProgressBarProps) {
  return (
    <Progress.Root {...bar}>
      {value === null ? (
        // Without a value, so that a screen reader does not tell one either.
        <Progress.Section
          value={100}
          animated
          opacity={0.4}
          withAria={false}
          role="progressbar"
          aria-label={label}
          aria-valuetext="not known yet"
        />
      ) : (
        <Progress.Section value={value} animated aria-label={label} />
      )}
    </Progress.Root>
  );
}
