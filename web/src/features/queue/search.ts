/** The parts of the queue page. */
export const TABS = ["active", "completed", "failed"] as const;
export type QueueTab = (typeof TABS)[number];

/** What the queue page shows; in the page's address. */
export interface QueueSearch {
  tab?: QueueTab;
  /** The job whose details are open. */
  job?: number;
}

export function parseQueueSearch(raw: Record<string, unknown>): QueueSearch {
  const parsed: QueueSearch = {};
  const tab = TABS.find(name => name === raw.tab);
  if (tab) parsed.tab = tab;
  const job = Number(raw.job);
  if (Number.isSafeInteger(job) && job > 0) parsed.job = job;
  return parsed;
}
