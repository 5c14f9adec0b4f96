// Removes the doc comments from the JavaScript in dist. Editors read those of the .d.ts files, which stay, so that each
// would be in the package twice: an eighth of it. Also removes the instructions for mutation tests.
import { rewrite } from "./rewrite.mjs";

const docComment = /^[ \t]*\/\*\*(?!\/)(?:[^*]|\*(?!\/))*\*\/[ \t]*\n/gm;
const mutationComment = /^[ \t]*\/\/ Stryker .*\n/gm;

rewrite("", ".js", (text) => text.replaceAll(docComment, "").replaceAll(mutationComment, ""));
