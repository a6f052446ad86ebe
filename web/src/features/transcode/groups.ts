import { inOurWords } from "../../api/fields.ts";
import type { Forecast } from "../../api/types.ts";
import type { LeftOutGroup } from "./left-out.tsx";

type Files = Forecast["files"];

/** What each of the files is called in a list: by its path, too, where several have the same title. */
export function namesOf(files: Files): Map<number, string> {
  const titles = new Map<string, number>();
  for (const { title } of files) titles.set(title, (titles.get(title) ?? 0) + 1);
  return new Map(
    files.map(({ media_item_id, title, path }) => {
      return [media_item_id, (titles.get(title) ?? 0) > 1 ? `${title} · ${path}` : title];
    }),
  );
}

/** What a forecast leaves out, with the names that it knows. */
export function leftOutOf({ left_out, files }: Forecast): LeftOutGroup[] {
  const names = namesOf(files);
  return left_out.map(group => ({
    ...group,
    reason: inOurWords(group.reason),
    names: files.flatMap(file =>
      file.left_out_because === group.reason ? [names.get(file.media_item_id) ?? file.title] : [],
    ),
  }));
}

/** What was not queued, by the reason; `names` are those that are known. */
export function skippedOf(
  skipped: readonly { media_item_id: number; reason: string }[],
  names: ReadonlyMap<number, string>,
): LeftOutGroup[] {
  const groups = new Map<string, { files: number; names: string[] }>();
  for (const { media_item_id, reason } of skipped) {
    const group = groups.get(reason) ?? { files: 0, names: [] };
    const name = names.get(media_item_id);
    groups.set(reason, { files: group.files + 1, names: name === undefined ? group.names : [...group.names, name] });
  }
  return [...groups]
    .map(([reason, group]) => ({ reason: inOurWords(reason), ...group }))
    .sort((a, b) => b.files - a.files);
}

/** Those that are Matroska already, by their name on the disk: a remux would change nothing of them. */
export function alreadyMatroska(files: Files): string[] {
  const names = namesOf(files);
  return files.flatMap(({ media_item_id, title, path, left_out_because }) =>
    left_out_because === null && /\.mk[va]$/i.test(path) ? [names.get(media_item_id) ?? title] : [],
  );
}
