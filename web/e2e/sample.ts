import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdir, readFile, rename } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Writes a short film that is much larger than it must be: H.264 at a high bitrate, two languages. */
export async function writeFilm(path: string, seconds = 6): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const unfinished = join(dirname(path), ".unfinished.part");
  await ffmpeg(
    ...["-f", "lavfi", "-i", `testsrc2=size=640x360:rate=24:duration=${seconds}`],
    ...["-f", "lavfi", "-i", `sine=frequency=440:duration=${seconds}`],
    ...["-f", "lavfi", "-i", `sine=frequency=660:duration=${seconds}`],
    ...["-map", "0:v", "-map", "1:a", "-map", "2:a"],
    ...["-c:v", "libx264", "-preset", "ultrafast", "-b:v", "9M", "-maxrate", "9M", "-bufsize", "9M", "-nal-hrd", "cbr"],
    ...["-c:a", "aac", "-b:a", "96k"],
    ...["-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=deu", "-metadata:s:a:1", "title=Kommentar"],
    ...["-f", "matroska", unfinished],
  );
  await rename(unfinished, path);
}

/** What a file is, whatever its name. */
export async function hashOf(path: string): Promise<string> {
  return createHash("sha256")
    .update(await readFile(path))
    .digest("hex");
}

async function ffmpeg(...args: string[]): Promise<void> {
  const program = process.env.FFMPEG_PATH ?? "ffmpeg";
  const child = spawn(program, ["-hide_banner", "-loglevel", "error", "-nostdin", "-y", ...args], { stdio: "inherit" });
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`${program} ended with ${code} while it made a sample`);
}
