import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Plugin } from "vite";

const packages = createRequire(import.meta.url);

/** The pages of the API's documentation: whole programs of others, served by us so that they work without internet. */
const PAGES = [
  {
    dir: "docs",
    title: "MediaFlow API (Swagger UI)",
    files: ["swagger-ui-dist/swagger-ui.css", "swagger-ui-dist/swagger-ui-bundle.js"],
    start: `SwaggerUIBundle({ url: "/openapi.json", dom_id: "#page", deepLinking: true });\n`,
  },
  {
    dir: "redoc",
    title: "MediaFlow API (ReDoc)",
    files: ["redoc/bundles/redoc.standalone.js"],
    // Its search index wants a worker made from a text, which the content security policy forbids.
    start: `Redoc.init("/openapi.json", { disableSearch: true, nativeScrollbars: true }, document.getElementById("page"));\n`,
  },
];

/** Writes `docs/` and `redoc/` into the build. Their start scripts are files of their own: inline ones are not allowed. */
export function docs(): Plugin {
  return {
    name: "docs",
    apply: "build",
    writeBundle: {
      // One after the other: what is written last is compressed too.
      sequential: true,
      async handler(options) {
        for (const page of PAGES) {
          const dir = join(options.dir ?? "dist", page.dir);
          await mkdir(dir, { recursive: true });
          const names = page.files.map(file => file.slice(file.lastIndexOf("/") + 1));
          for (const [at, file] of page.files.entries()) {
            await writeFile(join(dir, names[at] ?? file), ours(await readFile(packages.resolve(file), "utf8")));
          }
          await writeFile(join(dir, "start.js"), page.start);
          await writeFile(join(dir, "index.html"), html(page.dir, page.title, [...names, "start.js"]));
        }
      },
    },
  };
}

/** ReDoc shows its maker's logo from a server of theirs; nothing here calls anywhere but us. */
function ours(text: string): string {
  return text.replaceAll("https://cdn.redoc.ly/redoc/logo-mini.svg", "/favicon.svg");
}

function html(dir: string, title: string, files: string[]): string {
  const tags = files.map(name =>
    name.endsWith(".css")
      ? `<link rel="stylesheet" href="/${dir}/${name}">`
      : `<script defer src="/${dir}/${name}"></script>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
${tags.join("\n")}
</head>
<body><div id="page"></div></body>
</html>
`;
}
