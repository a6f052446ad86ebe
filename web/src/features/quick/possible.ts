import { ApiError } from "../../api/error.ts";

/** The API's name of the file; what is refused of other fields can be chosen otherwise. */
const FILE = "file_path";

/** Whether a dry run's answer means that nothing can be done with the file as chosen. */
export function isImpossible(error: unknown): boolean {
  if (!(error instanceof ApiError) || error.status < 400 || error.status >= 500) return false;
  return error.fields.every(({ field }) => field === FILE);
}
