/** The list with one of its jobs directly before another one of it, or at the end: as the server will have it. */
export function moved<T extends { id: number }>(items: readonly T[], id: number, before: number | null): T[] {
  const job = items.find(item => item.id === id);
  if (!job) return [...items];
  const others = items.filter(item => item.id !== id);
  const place = others.findIndex(item => item.id === before);
  others.splice(place < 0 ? others.length : place, 0, job);
  return others;
}
