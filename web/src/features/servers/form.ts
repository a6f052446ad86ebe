import type { PathMapping, Server, ServerFields, ServerTry } from "../../api/types.ts";
import { isStorage } from "./status.ts";

/** How the server lets us in. */
export type Login = "agent" | "key_file" | "pasted_key" | "password";

export const LOGINS: readonly { value: Login; label: string; note: string }[] = [
  {
    value: "agent",
    label: "As ssh does",
    note: "By the agent, the usual keys and ~/.ssh/config of the user that MediaFlow runs as.",
  },
  { value: "key_file", label: "Key file", note: "A private key on this machine, which is read anew each time." },
  { value: "pasted_key", label: "Pasted key", note: "Kept encrypted, and never shown again." },
  { value: "password", label: "Password", note: "Kept encrypted, and never shown again." },
];

/** What a server is for. */
export type Role = "transcode" | "storage";

export const ROLES: readonly { value: Role; label: string; note: string }[] = [
  { value: "transcode", label: "Encodes", note: "Gets jobs. Folders of it can be libraries too." },
  {
    value: "storage",
    label: "Only has libraries",
    note: "Gets no jobs and needs no ffmpeg, as a NAS: its folders can be libraries, and other machines encode them.",
  },
];

/** What is filled in for a server. */
export interface ServerForm {
  name: string;
  role: Role;
  hostname: string;
  port: number | "";
  ssh_username: string;
  login: Login;
  ssh_key_path: string;
  ssh_private_key: string;
  ssh_passphrase: string;
  ssh_password: string;
  jump_host: string;
  working_directory: string;
  max_concurrent_jobs: number | "";
  path_mappings: PathMapping[];
}

/** Where a server works if nothing else is said: on a disk, and not cleared when it starts, as /tmp may be. */
const WORKING_DIRECTORY = "/var/tmp/mediaflow";

/** What to begin with; a secret never comes back to be shown. */
export function formOf(server: Server | null): ServerForm {
  return {
    name: server?.name ?? "",
    role: server && isStorage(server) ? "storage" : "transcode",
    hostname: server?.hostname ?? "",
    port: server?.port ?? "",
    ssh_username: server?.ssh_username ?? "",
    login: server ? loginOf(server) : "agent",
    ssh_key_path: server?.ssh_key_path ?? "",
    ssh_private_key: "",
    ssh_passphrase: "",
    ssh_password: "",
    jump_host: server?.jump_host ?? "",
    working_directory: server?.working_directory ?? WORKING_DIRECTORY,
    max_concurrent_jobs: server?.max_concurrent_jobs ?? 1,
    path_mappings: server?.path_mappings ?? [],
  };
}

function loginOf(server: Pick<Server, "has_password" | "has_private_key" | "ssh_key_path">): Login {
  if (server.has_private_key) return "pasted_key";
  if (server.ssh_key_path) return "key_file";
  return server.has_password ? "password" : "agent";
}

/** What is wrong with a folder of a mapping; null where nothing is. */
export function mappingProblem(folder: string): string | null {
  if (folder.trim() === "") return null;
  return folder.startsWith("/") ? null : "Begins with /";
}

/** Why the form cannot be sent yet; undefined where it can. */
export function missingOf(form: ServerForm, isLocal: boolean): string | undefined {
  if (form.name.trim() === "") return "It needs a name";
  if (isLocal) return undefined;
  if (form.hostname.trim() === "") return "It needs an address";
  if (form.login === "key_file" && form.ssh_key_path.trim() === "") return "Which key file?";
  if (form.role === "storage") return undefined;
  return halfFilled(form.path_mappings) ? "Every mapping goes from a folder here to one there" : undefined;
}

/** Whether a mapping cannot be meant yet. */
export function halfFilled(mappings: readonly PathMapping[]): boolean {
  return filled(mappings).some(({ source_prefix, target_prefix }) =>
    [source_prefix, target_prefix].some(folder => !folder.startsWith("/")),
  );
}

/** Mappings of which something is filled in. */
export function filled(mappings: readonly PathMapping[]): PathMapping[] {
  return mappings
    .map(({ source_prefix, target_prefix }) => ({
      source_prefix: source_prefix.trim(),
      target_prefix: target_prefix.trim(),
    }))
    .filter(({ source_prefix, target_prefix }) => source_prefix !== "" || target_prefix !== "");
}

/** How the server is reached, in the API's words. A secret that is not filled in stays, unless another login is chosen. */
function reachOf(form: ServerForm, server: Server | null) {
  const secret = (logins: readonly Login[], value: string) =>
    logins.includes(form.login) ? { kept: value === "", value } : { kept: false, value: "" };
  const secrets = {
    ssh_private_key: secret(["pasted_key"], form.ssh_private_key),
    ssh_passphrase: secret(["pasted_key", "key_file"], form.ssh_passphrase),
    ssh_password: secret(["password"], form.ssh_password),
  };
  return {
    hostname: form.hostname.trim(),
    // Where no port was ever said, ~/.ssh/config says it; what is shown then is only what that comes to.
    ...(form.port !== "" && form.port !== server?.port && { port: form.port }),
    ssh_username: form.ssh_username.trim(),
    ssh_key_path: form.login === "key_file" ? form.ssh_key_path.trim() : "",
    use_agent: form.login === "agent",
    jump_host: form.jump_host.trim(),
    ...Object.fromEntries(
      Object.entries(secrets).flatMap(([field, { kept, value }]) => (kept ? [] : [[field, value]])),
    ),
  };
}

/** What is to be tried: nothing of it is kept. */
export function tryOf(form: ServerForm, server: Server | null): ServerTry {
  const place = form.role === "storage" ? {} : { working_directory: form.working_directory.trim() };
  return { ...reachOf(form, server), ...place, server_id: server?.id ?? null };
}

/** The whole form in the API's words. What only concerns jobs stays as it is for one that gets none. */
export function fieldsOf(form: ServerForm, server: Server | null): ServerFields {
  const name = form.name.trim();
  const slots = form.max_concurrent_jobs !== "" && { max_concurrent_jobs: form.max_concurrent_jobs };
  if (server?.is_local) return { name, ...slots, hostname: server.hostname };
  const { role } = form;
  if (role === "storage") return { name, role, ...reachOf(form, server) };
  return {
    name,
    role,
    ...slots,
    ...reachOf(form, server),
    working_directory: form.working_directory.trim(),
    path_mappings: filled(form.path_mappings),
  };
}
