import { join } from "node:path";
import { checkLinks } from "./links.mjs";
import { root } from "./root.mjs";
import { run } from "./run.mjs";

const folder = join(root, "site");

/** The steps that build the documentation into site/dist and check its links. */
export const site = [
  {
    name: "site",
    action: () => run("typedoc", ["--logLevel", "Warn"], { cwd: folder }),
    hint: "see site/typedoc.config.mjs",
  },
  { name: "links of the site", action: async () => checkLinks(join(folder, "dist")) },
];
