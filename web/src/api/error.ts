/** An answer that is not the expected one, or none at all. The message is a sentence for the user. */
export class ApiError extends Error {
  /** The HTTP status; 0 when nothing answered. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = "ApiError";
    this.status = status;
  }
}

interface FieldError {
  loc: (string | number)[];
  msg: string;
}

/** The sentence in an error body: `detail` as text, or one line a field that was refused. */
export function detailOf(status: number, body: unknown): string {
  const detail = typeof body === "object" && body !== null && "detail" in body ? body.detail : undefined;
  if (typeof detail === "string" && detail !== "") return detail;
  if (Array.isArray(detail)) return (detail as FieldError[]).map(fieldError).join("; ");
  return `MediaFlow answered with status ${status} and no reason; Logs may say more.`;
}

/** Where a field lies is no news to who filled it in. */
const PLACES = new Set<string | number>(["body", "query", "config"]);

function fieldError(error: FieldError): string {
  const field = error.loc
    .filter(part => !PLACES.has(part))
    .join(" ")
    .replaceAll("_", " ");
  return field === "" ? error.msg : `${field}: ${error.msg}`;
}

/** What to show for anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
