import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import type { Plugin } from "vite";

const TEXT = /\.(js|css|html|svg|json)$/;
/** Below this a compressed copy saves less than one network packet. */
const MIN_BYTES = 1024;

/** Writes a `.gz` and a `.br` beside every text file of the build, so that the server never compresses. */
export function precompressed(): Plugin {
  return {
    name: "precompressed",
    apply: "build",
    writeBundle: {
      sequential: true,
      async handler(options) {
        const dir = options.dir ?? "dist";
        const names = await readdir(dir, { recursive: true });
        await Promise.all(names.filter(name => TEXT.test(name)).map(name => compress(join(dir, name))));
      },
    },
  };
}

async function compress(path: string) {
  const content = await readFile(path);
  if (content.length < MIN_BYTES) return;
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
  };
  const [gz, br] = await Promise.all([
    promisify(gzip)(content, { level: 9 }),
    promisify(brotliCompress)(content, { params }),
  ]);
  await Promise.all([writeFile(`${path}.gz`, gz), writeFile(`${path}.br`, br)]);
}
