import { readFileSync } from "node:fs";

const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string };

/** The version of this package. npm always packs package.json, so the file exists wherever the plugin runs. */
export const version: string = manifest.version;
