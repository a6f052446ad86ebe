import type { Destination } from "./states.ts";

/** Before which job one comes that is dropped in the place of another; `next` is the first of the following page, null
 * where this one is the last, and undefined while that is not known. */
export function droppedBefore(ids: readonly number[], id: number, over: number, next: Destination): Destination {
  const [from, to] = [ids.indexOf(id), ids.indexOf(over)];
  if (from < 0 || to < 0 || from === to) return undefined;
  // Down the list, what was in its place moves up: it comes after that.
  return to < from ? over : (ids[to + 1] ?? next);
}
