// Copies the libraries' own single ESM files into static/vendor/ and writes manifest.json beside
// them. Bare imports inside them become relative ones, so that the page needs no import map (a
// strict CSP allows no inline script, and an import map is one).
//
//   node scripts/vendor.mjs [DIRECTORY]     default: static/vendor

import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const FILES = [
  { as: "preact.js", specifier: "preact", from: "preact/dist/preact.mjs" },
  { as: "hooks.js", specifier: "preact/hooks", from: "preact/hooks/dist/hooks.mjs" },
  {
    as: "signals-core.js",
    specifier: "@preact/signals-core",
    from: "@preact/signals-core/dist/signals-core.mjs",
  },
  { as: "signals.js", specifier: "@preact/signals", from: "@preact/signals/dist/signals.mjs" },
];

const local = new Map(FILES.map((file) => [file.specifier, `./${file.as}`]));
const sha256 = (text) => createHash("sha256").update(text).digest("hex");
const modules = (path) => new URL(`../node_modules/${path}`, import.meta.url);

/** The library's code with its bare imports made relative, and no pointer to a source map. */
function relative(code, from) {
  return code
    .replace(/\b(from|import)\s*(["'])([^."'][^"']*)\2/g, (_all, word, _quote, specifier) => {
      const path = local.get(specifier);
      if (path === undefined)
        throw new Error(`${from} imports ${specifier}, which is not vendored`);
      return `${word}"${path}"`;
    })
    .replace(/\n?\/\/# sourceMappingURL=.*\n?$/, "\n");
}

const target = process.argv[2] ?? new URL("../static/vendor", import.meta.url).pathname;
rmSync(target, { recursive: true, force: true });
mkdirSync(join(target, "licences"), { recursive: true });

const manifest = [];
for (const { as, specifier, from } of FILES) {
  const owner = from.startsWith("@") ? from.split("/").slice(0, 2).join("/") : from.split("/")[0];
  const about = JSON.parse(readFileSync(modules(`${owner}/package.json`), "utf8"));
  const original = readFileSync(modules(from), "utf8");
  const code = relative(original, from);
  const licence = `licences/${owner.replace("@", "").replace("/", "-")}.txt`;
  writeFileSync(join(target, as), code);
  writeFileSync(join(target, licence), readFileSync(modules(`${owner}/LICENSE`)));
  manifest.push({
    file: as,
    name: about.name,
    version: about.version,
    licence: about.license,
    licence_file: licence,
    specifier,
    from,
    from_sha256: sha256(original),
    sha256: sha256(code),
  });
}
writeFileSync(join(target, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
