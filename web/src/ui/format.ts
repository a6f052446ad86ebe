const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];

/** Bytes in decimal units with one decimal, as disk makers and Plex count: `1.2 GB`. The command line does the same. */
export function bytes(value: number): string {
  let unit = 0;
  let rest = Math.abs(value);
  while (rest >= 999.95 && unit + 1 < UNITS.length) {
    rest /= 1000;
    unit += 1;
  }
  const sign = value < 0 ? "-" : "";
  return `${sign}${unit === 0 ? rest : rest.toFixed(1)} ${UNITS[unit]}`;
}

/** Kilobits per second, of streams and of networks: `640 kbit/s`, `8.4 Mbit/s`, `941 Mbit/s`, `2.4 Gbit/s`. */
export function bitrate(kbps: number): string {
  if (kbps < 1000) return `${Math.round(kbps)} kbit/s`;
  const [value, unit] = kbps < 1_000_000 ? [kbps / 1000, "Mbit/s"] : [kbps / 1_000_000, "Gbit/s"];
  return `${value < 100 ? value.toFixed(1) : Math.round(value)} ${unit}`;
}

/** Memory, which is made and sold in powers of two: `24 GiB`. */
export function memory(gib: number): string {
  return `${Math.round(gib)} GiB`;
}

/** A length or a wait: `1:39:06`, `4:07`. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const two = (value: number) => String(value).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** How long something took: `4.2 s`, `12 s`, `1:43`, `1:39:06`. */
export function took(seconds: number): string {
  if (seconds < 9.95) return `${Math.max(0, seconds).toFixed(1)} s`;
  return seconds < 59.5 ? `${Math.round(seconds)} s` : clock(seconds);
}

/** A length as one says it: `2 d 4 h`, `1 h 39 min`, `4 min`, `12 s`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const days = Math.floor(whole / 86_400);
  const hours = Math.floor(whole / 3600) % 24;
  const minutes = Math.floor(whole / 60) % 60;
  if (days > 0) return `${days} d ${hours} h`;
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min` : `${whole} s`;
}

/** A guess of a length, no finer than a guess can be: `5 min`, `40 min`, `3 h`, `2 d`. */
export function roughly(seconds: number): string {
  const minutes = Math.max(1, Math.round(seconds / 60));
  if (minutes < 10) return `${minutes} min`;
  if (minutes < 90) return `${Math.round(minutes / 5) * 5} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} d`;
}

const numbers = new Intl.NumberFormat("en");

/** `100,000`. */
export function count(value: number): string {
  return numbers.format(value);
}

/** `1 file`, `2 files`. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** A share of 0 to 100: `52 %`, and `0.4 %` where rounding would hide it. */
export function percent(value: number): string {
  return `${Math.abs(value) < 10 ? value.toFixed(1) : Math.round(value)} %`;
}

const STEPS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
];
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

/** `3 minutes ago`, `in 13 days`. */
export function ago(instant: string, now = Date.now()): string {
  const seconds = (Date.parse(instant) - now) / 1000;
  for (const [unit, length] of STEPS) {
    if (Math.abs(seconds) >= length) return relative.format(Math.trunc(seconds / length), unit);
  }
  return "just now";
}

const dates = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** An instant in the user's own zone and habit. */
export function date(instant: string): string {
  return dates.format(new Date(instant));
}

const times = new Intl.DateTimeFormat(undefined, { dateStyle: "short", timeStyle: "medium" });

/** An instant with its seconds, for logs. */
export function exact(instant: string): string {
  return times.format(new Date(instant));
}
