// Makes the types of the package structural: removes `#private;` from the .d.ts files in dist. TypeScript writes it
// into each class that has #private members, and then accepts only instances of that very declaration. A program with
// two versions of this package, such as a monorepo in which two packages update at different times, would not compile,
// although it runs: the versions recognise each other's objects.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";

const dist = new URL("../dist/", import.meta.url);

for (const path of readdirSync(dist, { recursive: true, encoding: "utf8" })) {
  if (!path.endsWith(".d.ts")) continue;
  const file = new URL(path.replaceAll("\\", "/"), dist);
  writeFileSync(file, readFileSync(file, "utf8").replaceAll(/^ *#private;\n/gm, ""));
}
