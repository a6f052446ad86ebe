import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** The server under test. */
export const BINARY = process.env.MEDIAFLOW_BIN ?? join(import.meta.dirname, "../../target/release/mediaflow");

/** A server of this build, on a free loopback port, with a data directory of its own. */
export class Server {
  /** The folder that holds everything of this server; it goes with `remove`. */
  readonly dir: string;
  #port = 0;
  #process: ChildProcess | null = null;
  readonly #env: NodeJS.ProcessEnv;

  private constructor(dir: string, env: NodeJS.ProcessEnv) {
    this.dir = dir;
    this.#env = env;
  }

  static async start(env: NodeJS.ProcessEnv = {}): Promise<Server> {
    return Server.startIn(await mkdtemp(join(tmpdir(), "mediaflow-e2e-")), env);
  }

  /** Starts one whose data are there already, in `data` of a folder. */
  static async startIn(dir: string, env: NodeJS.ProcessEnv = {}): Promise<Server> {
    const server = new Server(dir, env);
    await server.start();
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Starts it, on the port that it had before, and waits until it says where it is. */
  async start(): Promise<void> {
    const child = spawn(BINARY, ["serve", "--data-dir", this.#dataDir, "--port", String(this.#port)], {
      env: this.#environment(),
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#process = child;
    const said: string[] = [];
    createInterface({ input: child.stderr }).on("line", line => said.push(line));
    for await (const line of createInterface({ input: child.stdout })) {
      said.push(line);
      const address = /http:\/\/127\.0\.0\.1:(\d+)/.exec(line);
      if (address) {
        this.#port = Number(address[1]);
        child.stdout.resume();
        return;
      }
    }
    throw new Error(`the server did not start:\n${said.join("\n")}`);
  }

  /** Stops it as a service manager would, and waits for its end. */
  async stop(): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (!child || child.exitCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    await ended;
  }

  /** Runs another command of the same binary on the same data. */
  async command(...args: string[]): Promise<void> {
    const child = spawn(BINARY, [...args, "--data-dir", this.#dataDir], {
      env: this.#environment(),
      stdio: ["ignore", "ignore", "inherit"],
    });
    const [code] = await once(child, "exit");
    if (code !== 0) throw new Error(`mediaflow ${args.join(" ")} ended with ${code}`);
  }

  async remove(): Promise<void> {
    await this.stop();
    await rm(this.dir, { recursive: true, force: true });
  }

  get #dataDir(): string {
    return join(this.dir, "data");
  }

  #environment(): NodeJS.ProcessEnv {
    return { ...process.env, NO_COLOR: "1", ...this.#env };
  }
}
