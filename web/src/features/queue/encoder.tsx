import { Badge, Text } from "@mantine/core";
import type { Job } from "../../api/types.ts";

/** Says loudly that the CPU does what hardware was wanted for, and why. */
export function FallbackNote({ job }: { job: Job }) {
  if (!job.hw_fallback) return null;
  const [what, ...why] = job.hw_fallback.split(": ");
  return (
    <Text size="sm" className="break-anywhere">
      <Badge size="sm" variant="light" color="orange" mr={6}>
        {what}
      </Badge>
      {why.join(": ")}
    </Text>
  );
}

/** Who encodes, in a word; undefined before it is known. */
export function encoderOf(job: Job): string | undefined {
  if (!job.encoder) return undefined;
  return job.decoder ? `${job.encoder}, decoded by ${job.decoder}` : job.encoder;
}
