import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { createServer, type Server as Listener, type Socket } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Where distributions put it: it must be started by its whole path. */
const SSHD = process.env.SSHD_PATH ?? "/usr/sbin/sshd";

/** A real SSH server of this machine, on a free loopback port: OpenSSH's, started for each connection. */
export class Sshd {
  readonly #dir: string;
  readonly #listener: Listener;
  readonly #open = new Set<Socket>();

  private constructor(dir: string, listener: Listener) {
    this.#dir = dir;
    this.#listener = listener;
  }

  /** Whether there is one to be started. */
  static isHere(): boolean {
    return existsSync(SSHD);
  }

  /** Starts one with its files in a folder of its own. */
  static async start(dir: string): Promise<Sshd> {
    await mkdir(dir, { recursive: true });
    if (process.getuid?.() === 0) await mkdir("/run/sshd", { recursive: true });
    await makeKey(join(dir, "host"));
    await makeKey(join(dir, "key"));
    await copyFile(join(dir, "key.pub"), join(dir, "authorized_keys"));
    const config = [
      `HostKey ${dir}/host`,
      `AuthorizedKeysFile ${dir}/authorized_keys`,
      "PidFile none",
      "StrictModes no",
      "PermitRootLogin yes",
      "PasswordAuthentication no",
      "UsePAM no",
    ];
    await writeFile(join(dir, "config"), `${config.join("\n")}\n`);
    const sshd = new Sshd(
      dir,
      createServer(socket => sshd.#serve(socket)),
    );
    await new Promise<void>(listening => sshd.#listener.listen(0, "127.0.0.1", listening));
    return sshd;
  }

  get port(): number {
    const address = this.#listener.address();
    return typeof address === "object" && address ? address.port : 0;
  }

  /** The private key that it lets in. */
  get key(): string {
    return join(this.#dir, "key");
  }

  /** Gives it another key to be known by, as a machine that was set up anew, and ends its connections. */
  async changeHostKey(): Promise<void> {
    await rm(join(this.#dir, "host"));
    await rm(join(this.#dir, "host.pub"));
    await makeKey(join(this.#dir, "host"));
    for (const socket of this.#open) socket.destroy();
  }

  async stop(): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    await new Promise(closed => this.#listener.close(closed));
  }

  #serve(socket: Socket): void {
    const child = spawn(SSHD, ["-i", "-f", join(this.#dir, "config"), "-E", join(this.#dir, "log")], {
      stdio: ["pipe", "pipe", "ignore"],
    });
    this.#open.add(socket);
    socket.pipe(child.stdin);
    child.stdout.pipe(socket);
    // An end of either side ends the connection; what fails then is of no interest.
    for (const stream of [socket, child.stdin, child.stdout]) stream.on("error", () => socket.destroy());
    child.on("error", () => socket.destroy());
    child.on("exit", () => socket.destroy());
    socket.on("close", () => {
      this.#open.delete(socket);
      child.kill();
    });
  }
}

async function makeKey(path: string): Promise<void> {
  await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", path]);
}
