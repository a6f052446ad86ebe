import { useQuery } from "@tanstack/react-query";
import { librariesQuery } from "../../api/libraries.ts";
import type { Item } from "../../api/types.ts";

/** Gives what tells on which server a file lies, by its library; undefined for this machine. */
export function useServerOf(): (item: Pick<Item, "plex_library_id">) => string | undefined {
  const { data } = useQuery(librariesQuery);
  const names = new Map((data ?? []).map(library => [library.id, library.worker_server_name]));
  return item => names.get(item.plex_library_id) ?? undefined;
}
