import { readdirSync, readFileSync, writeFileSync } from "node:fs";

const dist = new URL("../dist/", import.meta.url);

/** Changes the text of all files of the build whose paths begin and end like this. */
export function rewrite(prefix, suffix, change) {
  for (const entry of readdirSync(dist, { recursive: true, encoding: "utf8" })) {
    const path = entry.replaceAll("\\", "/");
    if (!path.startsWith(prefix) || !path.endsWith(suffix)) continue;
    const file = new URL(path, dist);
    writeFileSync(file, change(readFileSync(file, "utf8")));
  }
}
