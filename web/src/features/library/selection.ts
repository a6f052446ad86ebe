import { useCallback, useMemo, useState } from "react";
import type { Item } from "../../api/types.ts";

/** Which items are chosen, and how large they are together. */
export interface Selection {
  ids: ReadonlySet<number>;
  totalSize: number;
}

const NONE: Selection = { ids: new Set(), totalSize: 0 };

/** The selection with an item chosen, or no longer. */
export function toggledItem(selection: Selection, item: Pick<Item, "id" | "file_size">): Selection {
  const ids = new Set(selection.ids);
  const size = item.file_size ?? 0;
  if (ids.delete(item.id)) return { ids, totalSize: selection.totalSize - size };
  return { ids: ids.add(item.id), totalSize: selection.totalSize + size };
}

export function useSelection() {
  const [selection, setSelection] = useState<Selection>(NONE);
  const toggle = useCallback((item: Item) => setSelection(before => toggledItem(before, item)), []);
  const clear = useCallback(() => setSelection(NONE), []);
  const replace = useCallback(
    (all: { ids: number[]; total_size: number }) => setSelection({ ids: new Set(all.ids), totalSize: all.total_size }),
    [],
  );
  return useMemo(() => ({ ...selection, toggle, clear, replace }), [selection, toggle, clear, replace]);
}
