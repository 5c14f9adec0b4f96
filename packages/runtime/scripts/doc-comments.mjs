// Removes the doc comments from the JavaScript in dist. Editors read those of the .d.ts files, which stay, so that each
// would be in the package twice: an eighth of it.
import { rewrite } from "./rewrite.mjs";

rewrite("", ".js", (text) => text.replaceAll(/^[ \t]*\/\*\*(?!\/)(?:[^*]|\*(?!\/))*\*\/[ \t]*\n/gm, ""));
