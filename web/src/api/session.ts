import { apiError } from "./error.ts";

/** Who the server thinks this browser is. */
export interface Session {
  password_set: boolean;
  authenticated: boolean;
  csrf_token: string | null;
}

let known: Promise<Session> | null = null;

/** The session, asked once and remembered until it proves stale. */
export function session(): Promise<Session> {
  known ??= ask().catch(error => {
    known = null;
    throw error;
  });
  return known;
}

/** The remembered session is no longer right: the server restarted, or somebody logged in or out. */
export function forgetSession(): void {
  known = null;
}

/** The login page is the server's own; it leads back to where the user was. */
export function goToLogin(): void {
  const here = window.location.pathname + window.location.search;
  window.location.assign(`/login?next=${encodeURIComponent(here)}`);
}

async function ask(): Promise<Session> {
  const response = await fetch("/api/auth/session", { headers: { Accept: "application/json" } });
  if (response.status === 401) return { password_set: true, authenticated: false, csrf_token: null };
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok) throw apiError(response.status, body);
  return body as Session;
}
