import createClient, { type Middleware } from "openapi-fetch";
import { ApiError, apiError } from "./error.ts";
import type { paths } from "./schema.d.ts";
import { forgetSession, goToLogin, session } from "./session.ts";

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

/** Gives every request that changes something the token that only a page of this server can know. */
const csrf: Middleware = {
  async onRequest({ request }) {
    if (SAFE_METHODS.has(request.method)) return;
    const { csrf_token } = await session();
    if (csrf_token) request.headers.set("X-CSRF-Token", csrf_token);
    return request;
  },
};

/** Turns what is not a success into an `ApiError`, and a missing login into the login page. */
const errors: Middleware = {
  async onResponse({ response }) {
    if (response.ok) return;
    if (response.status === 401) goToLogin();
    // A token that no longer fits is asked for again with the next request.
    if (response.status === 403) forgetSession();
    const body: unknown = await response
      .clone()
      .json()
      .catch(() => null);
    throw apiError(response.status, body);
  },
  onError({ error }) {
    if (error instanceof DOMException && error.name === "AbortError") return;
    return new ApiError(0, "MediaFlow does not answer. Is it still running? The page goes on by itself when it is.");
  },
};

/** Every operation of the API, typed from the server's OpenAPI document. */
export const api = createClient<paths>({ querySerializer: { array: { style: "form", explode: false } } });
api.use(csrf, errors);

/** The body of an answer; failures were thrown before. */
export async function bodyOf<T>(answer: Promise<{ data?: T }>): Promise<T> {
  return (await answer).data as T;
}
