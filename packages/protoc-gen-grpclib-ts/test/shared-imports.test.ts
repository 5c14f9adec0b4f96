import { expect, test } from "vitest";
import { answer, compile, fixtureRequest, generate, protoPaths } from "./support/fixtures.js";
import { inPackage, readFiles, workFolder } from "./support/folders.js";
import { succeed, tools } from "./support/tools.js";

const names = ["contracts/shared.proto"];

/** The modules from which the code for {@link names} imports shared errors. */
function modules(option: string): string[] {
  const files = generate(`target=ts,import_extension=js,${option}`, names);
  return [
    ...Object.values(files)
      .join()
      .matchAll(/import \{ \w+Errors \} from "(.*)"/g),
  ].map(([, from]) => from ?? "");
}

test.for([
  { option: "import_extension=ts", imports: "./common/errors_grpclib.ts" },
  {
    option: "map_imports=contracts/common/*:@example/common",
    imports: "@example/common/contracts/common/errors_grpclib.js",
  },
  {
    option: "rewrite_imports=./contracts/common/*:@example/common",
    imports: "@example/common/contracts/common/errors_grpclib.js",
  },
  // A package with the generated code of both files: the file does not import itself.
  { option: "map_imports=contracts/**:@example/all", imports: "@example/all/contracts/common/errors_grpclib.js" },
])("With $option, shared errors of another file are imported from $imports.", ({ option, imports }) => {
  expect(modules(option)).toEqual([imports]);
});

test("A file whose name cannot be imported is refused.", () => {
  const folder = workFolder("shared-imports-names", {
    "a#b.proto": `syntax = "proto3"; package a; import "grpclib/v1/errors.proto";
      option (grpclib.v1.shared_errors).errors = { status: ABORTED };`,
    "shop.proto": `syntax = "proto3"; package a; import "grpclib/v1/errors.proto"; import "a#b.proto"; message Item {}
      service Shop { rpc Buy(Item) returns (Item) { option (grpclib.v1.errors) = { shared: "ABORTED" }; } }`,
  });
  const protoFile = compile(["-I", folder, ...protoPaths], ["shop.proto"]);
  const { error } = answer(fixtureRequest({ parameter: "target=ts", fileToGenerate: ["shop.proto"], protoFile }));
  expect(error).toContain(`a#b.proto: JavaScript modules cannot import generated code from a path with "#".`);
});

test.for([
  { packageName: "library", name: "LibrarySharedErrors" },
  { packageName: "acme.library.v1", name: "LibrarySharedErrors" },
  { packageName: "acme.book_store.v1beta2", name: "BookStoreSharedErrors" },
  { packageName: "acme.v2p1alpha3", name: "AcmeSharedErrors" },
  { packageName: "acme.v1library", name: "V1librarySharedErrors" },
  { packageName: "v1", name: "V1SharedErrors" },
  { packageName: "", name: "SharedErrors" },
])("The shared errors of the package '$packageName' have the name $name.", ({ packageName, name }) => {
  const statement = packageName === "" ? "" : `package ${packageName};`;
  const folder = workFolder("shared-imports-packages", {
    "shared.proto": `syntax = "proto3"; ${statement} import "grpclib/v1/errors.proto";
      option (grpclib.v1.shared_errors).errors = { status: ABORTED };`,
  });
  const fileToGenerate = ["shared.proto"];
  const protoFile = compile(["-I", folder, ...protoPaths], fileToGenerate);
  const { error, file } = answer(fixtureRequest({ parameter: "target=ts", fileToGenerate, protoFile }));
  expect(error).toBe("");
  expect(file[0]?.content).toContain(`export const ${name}: `);
});

test.for(["protoc", "buf"] as const)(
  "With %s, the shared errors of a file in another folder are complete, although it is only imported.",
  (compiler) => {
    const copied = protoPaths
      .filter((path) => path !== "-I")
      .flatMap((path) => Object.entries(readFiles(path)))
      .filter(([path]) => /^(grpclib|contracts\/(common|shared\.))/.test(path));
    const folder = workFolder(`shared-imports-${compiler}`, {
      ...Object.fromEntries(copied.map(([path, text]) => [`proto/${path}`, text])),
      "buf.yaml": JSON.stringify({ version: "v2", modules: [{ path: "proto" }] }),
      "out/.keep": "",
    });
    const opt = "target=ts,import_extension=js";
    const plugins = [{ local: tools.plugin(), out: "out", opt }];
    const flags = [`--plugin=${tools.plugin()}`, `--grpclib-ts_opt=${opt}`, "--grpclib-ts_out=out"];
    const args = {
      buf: ["generate", "--template", JSON.stringify({ version: "v2", plugins })],
      protoc: ["-I", "proto", ...flags, ...names],
    };
    succeed(compiler, args[compiler], { cwd: folder });
    const golden = readFiles(inPackage("test/golden/ts/contracts"));
    const output = readFiles(`${folder}/out/contracts`);
    const withoutVersion = (text = ""): string => text.replace(/^.*/, "");
    expect(withoutVersion(output["shared_grpclib.ts"])).toBe(withoutVersion(golden["shared_grpclib.ts"]));
  },
);
