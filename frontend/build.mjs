// Builds the style sheet and the script of the pages into tongxing/static/dist (git-ignored).
//   npm run build           once
//   npm run watch           and again after every change
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { watch } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import * as sass from "sass";

const here = dirname(fileURLToPath(import.meta.url));
const source = join(here, "src");
const dist = join(here, "..", "tongxing", "static", "dist");
const target = ["chrome64"]; // phones with it exist
const limit = 120 * 1024; // style sheet and script of the staff pages together, as sent

async function styles() {
  const { css } = await sass.compileAsync(join(source, "styles", "app.scss"), {
    loadPaths: [join(here, "node_modules")],
    quietDeps: true,
    silenceDeprecations: ["import"], // Bootstrap 5.3 is written with @import
  });
  const { code } = await esbuild.transform(css, { loader: "css", minify: true, target, charset: "utf8" });
  await writeFile(join(dist, "app.css"), code);
}

async function script() {
  await esbuild.build({
    entryPoints: [join(source, "script", "app.js")],
    outfile: join(dist, "app.js"),
    bundle: true,
    minify: true,
    target,
    format: "iife",
    charset: "utf8",
    legalComments: "none",
    logLevel: "warning",
  });
}

async function pictures() {
  await Promise.all(["icons.svg", "logo.svg"].map((name) => copyFile(join(source, name), join(dist, name))));
}

async function build() {
  await mkdir(dist, { recursive: true });
  await Promise.all([styles(), script(), pictures()]);
  let sent = 0;
  for (const name of ["app.css", "app.js"]) {
    const bytes = await readFile(join(dist, name));
    const packed = gzipSync(bytes, { level: 9 }).length;
    sent += packed;
    console.log(`${name}  ${(bytes.length / 1024).toFixed(1)} KB, ${(packed / 1024).toFixed(1)} KB gzip`);
  }
  if (sent > limit) throw new Error(`style sheet and script weigh ${sent} bytes gzip, more than ${limit}`);
}

await build();
if (process.argv.includes("--watch")) {
  let waiting;
  watch(source, { recursive: true }, () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => build().catch((problem) => console.error(problem.message)), 100);
  });
}
