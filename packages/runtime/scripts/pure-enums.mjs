// Lets bundlers leave out the generated enums that a program does not use. TypeScript writes an enum as a variable and a
// function that fills it, which bundlers have to keep. This turns them into one expression that is marked as pure. The
// lines stay where they are.
import { rewrite } from "./rewrite.mjs";

const enums = /^export var (\w+);\n\(function \(\1\) \{(.*?)^\}\)\(\1 \|\| \(\1 = \{\}\)\);$/gms;

let count = 0;
rewrite("gen/", ".js", (text) =>
  text.replaceAll(enums, (_, name, body) => {
    count += 1;
    return `export var ${name} =\n/*@__PURE__*/ (function (${name}) {${body}return ${name}; })({});`;
  }),
);
if (count === 0) throw new Error("No enum was found in dist/gen. Does TypeScript write them in another way?");
