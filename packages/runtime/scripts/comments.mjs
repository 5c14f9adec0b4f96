// Removes the comments from the JavaScript in dist, which are a seventh of it. Editors read the doc comments of the .d.ts
// files, which stay, and the others are for those who change the source. Generated files keep theirs, with the copyright.
import { rewrite } from "./rewrite.mjs";

const docComment = /^[ \t]*\/\*\*(?!\/)(?:[^*]|\*(?!\/))*\*\/[ \t]*\n/gm;
const comment = /^[ \t]*\/\/ .*\n/gm;
const generated = /^\/\/ (?:Copyright|@generated)/;

rewrite("", ".js", (text) => {
  const rest = text.replaceAll(docComment, "");
  return generated.test(rest) ? rest : rest.replaceAll(comment, "");
});
