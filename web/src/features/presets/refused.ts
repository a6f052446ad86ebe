import { ApiError } from "../../api/error.ts";

/** Why fields were refused, by the API's names of them. */
export type Refused = Readonly<Record<string, string>>;

export function refusedBy(error: unknown): Refused {
  const fields = error instanceof ApiError ? error.fields : [];
  return Object.fromEntries(fields.map(({ field, reason }) => [field, reason]));
}

/** What makes an input that of a field: it can be found, and says why it was refused. */
export function inputOf(field: string, refused: Refused) {
  return { "data-field": field, error: refused[field] };
}

/** Shows the first input that was refused, wherever it is hidden, and puts the cursor there. */
export function goToRefused(root: HTMLElement | null, refused: Refused): void {
  const inputs = root?.querySelectorAll<HTMLElement>("[data-field]") ?? [];
  const first = [...inputs].find(input => (input.dataset.field ?? "") in refused);
  first?.scrollIntoView({ block: "center" });
  first?.focus({ preventScroll: true });
}
