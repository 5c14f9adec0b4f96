import { build } from "esbuild";
import { expect, test } from "vitest";
import { generate, generateMessages } from "./support/fixtures.js";
import { workFolder } from "./support/folders.js";

/** The classes and constants of generated services that esbuild keeps in a bundle of a program. */
async function keptBy(target: string, program: string): Promise<string[]> {
  const option = `target=${target},import_extension=js`;
  const folder = workFolder(`bundles-${target}`, {
    ...generateMessages(`${option},ts_nocheck=true`),
    ...generate(option),
    "main.js": program,
  });
  const { outputFiles } = await build({
    entryPoints: [`${folder}/main.js`],
    bundle: true,
    format: "esm",
    packages: "external",
    write: false,
    logLevel: "silent",
  });
  const kept = outputFiles[0]?.text.match(/(?<=^(?:var|const|let|class|function) )\w+?(?:Base|Stub|Errors)\b/gm);
  return [...new Set(kept)].sort();
}

const library = "./contracts/library_grpclib.js";
const shared = "./contracts/service_errors_grpclib.js";
const ofFiles = "./contracts/shared_grpclib.js";

test.for(
  ["ts", "js"].flatMap((target) => [
    {
      target,
      program: `import { LibraryServiceStub } from "${library}"; console.log(LibraryServiceStub);`,
      kept: ["LibraryServiceErrors", "LibraryServiceStub"],
    },
    {
      target,
      program: `import { LibraryServiceBase } from "${library}"; console.log(LibraryServiceBase);`,
      kept: ["LibraryServiceBase", "LibraryServiceErrors"],
    },
    {
      target,
      program: `import { LibraryServiceErrors } from "${library}"; console.log(LibraryServiceErrors);`,
      kept: ["LibraryServiceErrors"],
    },
    { target, program: `import { PlainStub } from "${shared}"; console.log(PlainStub);`, kept: ["PlainStub"] },
    {
      target,
      program: `import { ShelvesStub } from "${ofFiles}"; console.log(ShelvesStub);`,
      kept: ["CommonSharedErrors", "ShelvesErrors", "ShelvesStub"],
    },
    { target, program: `import "${library}"; import "${shared}"; import "${ofFiles}";`, kept: [] },
  ]),
)("With target=$target, a bundle has only what the program uses: $program", async ({ target, program, kept }) => {
  expect(await keptBy(target, program)).toEqual(kept);
});
