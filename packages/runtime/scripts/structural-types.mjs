// Makes the types of the package structural: removes `#private;` from the .d.ts files in dist. TypeScript writes it
// into each class that has #private members, and then accepts only instances of that very declaration. A program with
// two versions of this package, such as a monorepo in which two packages update at different times, would not compile,
// although it runs: the versions recognise each other's objects.
import { rewrite } from "./rewrite.mjs";

rewrite("", ".d.ts", (text) => text.replaceAll(/^ *#private;\n/gm, ""));
