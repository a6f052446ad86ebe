import { describe, expect, it } from "vitest";
import type { Server } from "../../api/types.ts";
import { fieldsOf, filled, formOf, halfFilled, missingOf, tryOf } from "./form.ts";

/** A saved server that lets us in by a pasted key. */
const saved = {
  id: 2,
  name: "Gaming PC",
  hostname: "192.168.1.20",
  port: 22,
  ssh_username: "mia",
  ssh_key_path: null,
  has_private_key: true,
  has_passphrase: true,
  has_password: false,
  use_agent: false,
  jump_host: null,
  working_directory: "/srv/work",
  max_concurrent_jobs: 2,
  path_mappings: [{ source_prefix: "/media", target_prefix: "/mnt" }],
  is_local: false,
} as unknown as Server;

describe("the form of a server", () => {
  it("that is saved changes nothing if nothing is touched", () => {
    const fields = fieldsOf(formOf(saved), saved);
    expect(fields).toEqual({
      name: "Gaming PC",
      role: "transcode",
      hostname: "192.168.1.20",
      ssh_username: "mia",
      ssh_key_path: "",
      use_agent: false,
      jump_host: "",
      working_directory: "/srv/work",
      max_concurrent_jobs: 2,
      path_mappings: [{ source_prefix: "/media", target_prefix: "/mnt" }],
      // No password is kept with a key, and the key stays as it is.
      ssh_password: "",
    });
  });

  it("forgets the secrets of a login that is not used any more", () => {
    const fields = fieldsOf({ ...formOf(saved), login: "password", ssh_password: "hunter2" }, saved);
    expect(fields).toMatchObject({ ssh_password: "hunter2", ssh_private_key: "", ssh_passphrase: "" });
    expect(fieldsOf({ ...formOf(saved), login: "agent" }, saved)).toMatchObject({ use_agent: true, ssh_password: "" });
  });

  it("names the port only where it was said", () => {
    expect(fieldsOf({ ...formOf(null), name: "a", hostname: "a" }, null)).not.toHaveProperty("port");
    expect(tryOf({ ...formOf(saved), port: 2222 }, saved)).toMatchObject({ port: 2222, server_id: 2 });
    expect(tryOf(formOf(saved), saved)).not.toHaveProperty("name");
  });

  it("of one that only has libraries leaves alone what concerns jobs", () => {
    const form = {
      ...formOf(saved),
      role: "storage" as const,
      path_mappings: [{ source_prefix: "/a", target_prefix: "" }],
    };
    expect(missingOf(form, false)).toBeUndefined();
    const fields = fieldsOf(form, saved);
    expect(fields).toMatchObject({ name: "Gaming PC", role: "storage", hostname: "192.168.1.20" });
    for (const field of ["max_concurrent_jobs", "working_directory", "path_mappings"]) {
      expect(fields).not.toHaveProperty(field);
    }
    expect(formOf({ ...saved, role: "storage" }).role).toBe("storage");
  });

  it("of this machine has a name and how much it does", () => {
    const local = { ...saved, is_local: true, hostname: "localhost" } as Server;
    expect(fieldsOf(formOf(local), local)).toEqual({
      name: "Gaming PC",
      hostname: "localhost",
      max_concurrent_jobs: 2,
    });
    expect(missingOf({ ...formOf(local), hostname: "" }, true)).toBeUndefined();
  });

  it("says what is missing", () => {
    const form = formOf(saved);
    expect(missingOf(form, false)).toBeUndefined();
    expect(missingOf({ ...form, name: " " }, false)).toBe("It needs a name");
    expect(missingOf({ ...form, hostname: "" }, false)).toBe("It needs an address");
    expect(missingOf({ ...form, login: "key_file" }, false)).toBe("Which key file?");
    expect(missingOf({ ...form, path_mappings: [{ source_prefix: "/a", target_prefix: "" }] }, false)).toMatch(
      /mapping/,
    );
  });
});

describe("mappings", () => {
  it("that are empty are none, and halves are not sent", () => {
    const empty = { source_prefix: " ", target_prefix: "" };
    expect(filled([empty, { source_prefix: " /a ", target_prefix: "/b" }])).toEqual([
      { source_prefix: "/a", target_prefix: "/b" },
    ]);
    expect(halfFilled([empty])).toBe(false);
    expect(halfFilled([{ source_prefix: "media", target_prefix: "/b" }])).toBe(true);
  });
});
