/** What a field for a local time shows of an instant: its minutes, in the browser's own zone. */
export function localOf(instant: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${instant.getFullYear()}-${two(instant.getMonth() + 1)}-${two(instant.getDate())}`;
  return `${day}T${two(instant.getHours())}:${two(instant.getMinutes())}`;
}

/** An hour from now, as a field for a local time shows it. */
export function inAnHour(): string {
  return localOf(new Date(Date.now() + 3_600_000));
}

/** The instant that a field for a local time means; undefined while it is empty. */
export function at(local: string | null): string | undefined {
  if (!local) return undefined;
  const instant = new Date(local);
  return Number.isNaN(instant.getTime()) ? undefined : instant.toISOString();
}
