/** What the page of single files shows; in the page's address. */
export interface QuickSearch {
  /** The job whose details are open. */
  job?: number;
}

export function parseQuickSearch(raw: Record<string, unknown>): QuickSearch {
  const job = Number(raw.job);
  return Number.isSafeInteger(job) && job > 0 ? { job } : {};
}
