import {
  columnResizingFeature,
  columnSizingFeature,
  columnVisibilityFeature,
  createColumnHelper,
  tableFeatures,
} from "@tanstack/react-table";
import type { Item } from "../../api/types.ts";
import { bitrate, bytes, clock } from "../../ui/format.ts";

/** What the table needs of the table library: the server sorts, filters and pages. */
export const features = tableFeatures({ columnSizingFeature, columnResizingFeature, columnVisibilityFeature });

const helper = createColumnHelper<typeof features, Item>();

function column(id: keyof Item, header: string, size: number, show: (item: Item) => string | null | undefined) {
  return helper.accessor(item => show(item) ?? null, { id, header, size, minSize: 60, maxSize: 900 });
}

/** Column ids are the API's names to sort by. The default ones fit beside the navigation at 1440 pixels. */
export const columns = helper.columns([
  column("title", "Title", 230, item => (item.year ? `${item.title} (${item.year})` : item.title)),
  column("file_size", "Size", 90, item => (item.file_size == null ? null : bytes(item.file_size))),
  column("resolution_tier", "Resolution", 105, item => item.resolution_tier),
  column("video_codec", "Codec", 90, item => item.video_codec),
  column("video_bitrate", "Bitrate", 105, item => (item.video_bitrate == null ? null : bitrate(item.video_bitrate))),
  column("audio_codec", "Audio", 100, audioOf),
  column("hdr_format", "HDR", 85, item => item.hdr_format ?? (item.is_hdr ? "HDR" : null)),
  column("container", "Container", 100, item => item.container),
  column("duration_ms", "Duration", 90, item => (item.duration_ms == null ? null : clock(item.duration_ms / 1000))),
  column("plex_library_id", "Library", 120, item => item.library_title),
  column("file_path", "Path", 225, item => item.file_path),
]);

/** What the column picker offers; the title always shows. */
export const optionalColumns: readonly { id: string; label: string }[] = [
  { id: "file_size", label: "Size" },
  { id: "resolution_tier", label: "Resolution" },
  { id: "video_codec", label: "Codec" },
  { id: "video_bitrate", label: "Bitrate" },
  { id: "audio_codec", label: "Audio" },
  { id: "hdr_format", label: "HDR" },
  { id: "container", label: "Container" },
  { id: "duration_ms", label: "Duration" },
  { id: "plex_library_id", label: "Library" },
  { id: "file_path", label: "Path" },
];

/** Shown to somebody who has not chosen yet; a container is told by the end of its path, too. */
export const defaultVisibility: Record<string, boolean> = { plex_library_id: false, container: false };

/** Figures are read from the right. */
export const rightAligned = new Set(["file_size", "video_bitrate", "duration_ms"]);

/** Takes the room that the others leave. */
export const STRETCHED = "file_path";

/** `dts 5.1`. */
export function audioOf(item: Item): string | null {
  if (!item.audio_codec) return null;
  const layout =
    item.audio_channel_layout?.replace(/\(.*\)/, "") ?? (item.audio_channels ? `${item.audio_channels} ch` : "");
  return `${item.audio_codec} ${layout}`.trim();
}
