import { Tooltip } from "@mantine/core";
import { ago, date } from "./format.ts";

/** An instant as people say it, with the exact one on hover. */
export function When({ at }: { at: string }) {
  return (
    <Tooltip label={date(at)}>
      <time dateTime={at}>{ago(at)}</time>
    </Tooltip>
  );
}
