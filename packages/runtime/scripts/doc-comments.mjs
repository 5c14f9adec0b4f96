// Removes the doc comments from the JavaScript in dist. Editors read those of the .d.ts files, which stay, so that each
// would be in the package twice: an eighth of it.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";

const dist = new URL("../dist/", import.meta.url);
const docComment = /^[ \t]*\/\*\*(?:[^*]|\*(?!\/))*\*\/[ \t]*\n/gm;

for (const path of readdirSync(dist, { recursive: true, encoding: "utf8" })) {
  if (!path.endsWith(".js")) continue;
  const file = new URL(path.replaceAll("\\", "/"), dist);
  writeFileSync(file, readFileSync(file, "utf8").replaceAll(docComment, ""));
}
