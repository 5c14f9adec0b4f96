import { readFileSync } from "node:fs";

const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string };

/** The version of this package. npm packs package.json always, so it is there wherever the plugin runs. */
export const version: string = manifest.version;
