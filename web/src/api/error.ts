import { inOurWords, labelOf } from "./fields.ts";

/** Why the API refused a field of what was sent. */
export interface FieldRefusal {
  /** As the API calls it. */
  field: string;
  reason: string;
}

/** An answer that is not the expected one, or none at all. The message is a sentence for the user. */
export class ApiError extends Error {
  /** The HTTP status; 0 when nothing answered. */
  readonly status: number;
  /** The fields that were refused, if it was for them. */
  readonly fields: readonly FieldRefusal[];

  constructor(status: number, message: string, fields: readonly FieldRefusal[] = []) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.fields = fields;
  }
}

interface FieldError {
  loc: (string | number)[];
  msg: string;
}

/** An error body as what is thrown for it. */
export function apiError(status: number, body: unknown): ApiError {
  const fields = fieldErrors(body).map(error => ({ field: placeOf(error).at(0) ?? "", reason: error.msg }));
  return new ApiError(status, detailOf(status, body), fields);
}

/** The sentence in an error body: `detail` as text, or one line a field that was refused. */
export function detailOf(status: number, body: unknown): string {
  const detail = inBody(body);
  if (typeof detail === "string" && detail !== "") return inOurWords(detail);
  if (Array.isArray(detail)) return fieldErrors(body).map(sentenceOf).join("; ");
  return `MediaFlow answered with status ${status} and no reason; Logs may say more.`;
}

function inBody(body: unknown): unknown {
  return typeof body === "object" && body !== null && "detail" in body ? body.detail : undefined;
}

function fieldErrors(body: unknown): FieldError[] {
  const detail = inBody(body);
  return Array.isArray(detail) ? (detail as FieldError[]) : [];
}

/** Where a field lies is no news to who filled it in. */
const PLACES = new Set<string | number>(["body", "query", "config"]);

function placeOf(error: FieldError): string[] {
  return error.loc.filter(part => !PLACES.has(part)).map(String);
}

function sentenceOf(error: FieldError): string {
  const field = placeOf(error).map(labelOf).join(" ");
  return field === "" ? error.msg : `${field}: ${error.msg}`;
}

/** What to show for anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
