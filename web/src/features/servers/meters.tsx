import { Progress, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { serverStatusQuery } from "../../api/servers.ts";
import type { Server } from "../../api/types.ts";
import { type ServerMetrics, useServerMetrics } from "../../live/servers.ts";
import { bitrate, bytes, memory } from "../../ui/format.ts";
import classes from "./servers.module.css";
import { isStorage } from "./status.ts";

/** Memory and disks are shown in red from here on. Processors may well be busy all the time. */
const FULL_PERCENT = 90;

/** Below this a disk has no room for most films. */
const LITTLE_ROOM = 1e9;

/** What the API calls a GB of memory or of a disk, in bytes. */
const GIB = 2 ** 30;

/** How busy and how full a server is, live. */
export function Meters({ server }: { server: Server }) {
  const { data } = useQuery(serverStatusQuery(server.id));
  const metrics: ServerMetrics = useServerMetrics(server.id) ?? data ?? {};
  const disk = diskOf(metrics);
  return (
    <Stack gap={6}>
      <Meter label="CPU" percent={metrics.cpu_percent} />
      {(server.gpu_model || metrics.gpu_percent != null) && <Meter label="GPU" percent={metrics.gpu_percent} />}
      <Meter
        label="RAM"
        fills
        percent={shareOf(metrics.ram_used_gb, metrics.ram_total_gb)}
        says={ofAll(metrics.ram_used_gb, metrics.ram_total_gb)}
      />
      {disk && <Meter label="Disk" fills percent={disk.percent} says={disk.says} />}
      {!isStorage(server) && metrics.disk_free_gb != null && metrics.disk_free_gb * GIB < LITTLE_ROOM && (
        <Text size="sm" c="orange" role="status">
          No room for most films: {bytes(Math.round(metrics.disk_free_gb * GIB))} free where it works
        </Text>
      )}
      <Figures
        figures={[
          !disk && metrics.disk_free_gb != null && `disk: ${bytes(Math.round(metrics.disk_free_gb * GIB))} free`,
          server.upload_mbps != null && `${bitrate(server.upload_mbps * 1000)} up`,
          server.download_mbps != null && `${bitrate(server.download_mbps * 1000)} down`,
          metrics.cpu_temp != null && `CPU ${Math.round(metrics.cpu_temp)} °C`,
          metrics.gpu_temp != null && `GPU ${Math.round(metrics.gpu_temp)} °C`,
          metrics.fan_speed != null && `fan ${Math.round(metrics.fan_speed)} %`,
        ]}
      />
    </Stack>
  );
}

interface MeterProps {
  label: string;
  percent: number | null | undefined;
  /** Instead of the share. */
  says?: string | undefined;
  /** Whether it is used up, and not only busy. */
  fills?: boolean;
}

function Meter({ label, percent, says, fills = false }: MeterProps) {
  const isKnown = percent != null;
  const value = isKnown ? Math.min(100, Math.max(0, percent)) : 0;
  const text = isKnown ? (says ?? `${Math.round(value)} %`) : "not known";
  return (
    <div className={classes.meter}>
      <Text size="xs" c="dimmed">
        {label}
      </Text>
      <Progress.Root size="sm">
        <Progress.Section
          value={value}
          color={fills && value >= FULL_PERCENT ? "red" : "accent"}
          aria-label={`${label}: ${text}`}
        />
      </Progress.Root>
      <Text size="xs" ta="right" className="figures" {...(!isKnown && { c: "dimmed" })}>
        {text}
      </Text>
    </div>
  );
}

/** What is known, of what could be. */
function Figures({ figures }: { figures: readonly (string | false)[] }) {
  const known = figures.filter(figure => figure !== false);
  if (known.length === 0) return null;
  return (
    <Text size="xs" c="dimmed" className="figures">
      {/* A figure stays on one line with its unit. */}
      {known.map(figure => figure.replaceAll(" ", "\u00a0")).join(" · ")}
    </Text>
  );
}

function shareOf(part: number | null | undefined, whole: number | null | undefined): number | null {
  return part != null && whole != null && whole > 0 ? (100 * part) / whole : null;
}

function ofAll(part: number | null | undefined, whole: number | null | undefined): string | undefined {
  return part != null && whole != null ? `${part.toFixed(1)} of ${memory(whole)}` : undefined;
}

/** How full the disk is on which a server works; undefined where only the free space is known. */
function diskOf({ disk_free_gb, disk_total_gb }: ServerMetrics): { percent: number; says: string } | undefined {
  if (disk_free_gb == null || !disk_total_gb) return undefined;
  const [free, total] = [bytes(Math.round(disk_free_gb * GIB)), bytes(Math.round(disk_total_gb * GIB))];
  const unit = / \w+$/;
  // The unit is said once where it is the same.
  const short = unit.exec(free)?.[0] === unit.exec(total)?.[0] ? free.replace(unit, "") : free;
  return { percent: 100 - (100 * disk_free_gb) / disk_total_gb, says: `${short} of ${total} free` };
}
