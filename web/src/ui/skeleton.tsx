import { Skeleton, Stack } from "@mantine/core";

/** While a list is read. */
export function ListSkeleton({ rows = 6, height = 56 }: { rows?: number; height?: number }) {
  return (
    <Stack gap="sm" aria-busy="true" aria-label="Loading">
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all the same
        <Skeleton key={row} height={height} radius="md" />
      ))}
    </Stack>
  );
}

/** While a page is read. */
export function PageSkeleton() {
  return (
    <Stack gap="lg">
      <Skeleton height={34} width={220} radius="md" />
      <ListSkeleton />
    </Stack>
  );
}
