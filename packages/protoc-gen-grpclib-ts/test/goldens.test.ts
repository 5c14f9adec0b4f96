import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fixtures, generate } from "./support/fixtures.js";
import { type Files, inPackage, readFiles, writeFiles } from "./support/folders.js";

const greeter = ["greeter/v1/greeter.proto"];

const update = process.env.UPDATE_GOLDENS === "1";

// The option elide_plugin_version keeps the version of the plugin out of the files, so that a release does not change them.
test.for([
  { folder: "ts", option: "target=ts,import_extension=js", files: fixtures },
  { folder: "js", option: "target=js,import_extension=js", files: fixtures },
  { folder: "dts", option: "target=dts,import_extension=js", files: fixtures },
  { folder: "default-target", option: "import_extension=js", files: greeter },
  {
    folder: "js_import_style",
    option: "target=js,js_import_style=legacy_commonjs,import_extension=js",
    files: [...greeter, "collisions/runtime_values.proto"],
  },
  { folder: "import_extension-none", option: "target=ts,import_extension=none", files: greeter },
  { folder: "import_extension-ts", option: "target=ts,import_extension=ts", files: greeter },
  {
    folder: "rewrite_imports",
    option:
      "target=ts,rewrite_imports=./imports/shelf/**/*_pb.js:@example/shelf," +
      "rewrite_imports=@grpclib-ts/runtime/codegen:@example/runtime",
    files: ["imports/imported.proto"],
  },
  { folder: "ts_nocheck", option: "target=ts,ts_nocheck=true", files: greeter },
  { folder: "keep_empty_files", option: "target=ts,keep_empty_files=true", files: ["services/messages_only.proto"] },
  { folder: "services-client", option: "target=ts,services=client", files: [...greeter, "contracts/library.proto"] },
  {
    folder: "services-server",
    option: "target=js+dts,services=server",
    files: [...greeter, "contracts/library.proto"],
  },
  {
    folder: "index_files",
    option: "target=ts,import_extension=js,index_files=true",
    files: ["comments/v1/comments.proto", "comments/v1/deprecated_file.proto", "contracts/library.proto", ...greeter],
    extension: "index.ts",
  },
  { folder: "error_docs", option: "target=ts,error_docs=md", files: fixtures, extension: ".md" },
  {
    folder: "error_docs-json",
    option: "target=ts,error_docs=json+openapi",
    files: ["contracts/library.proto"],
    extension: ".json",
  },
  {
    folder: "error_docs-html",
    option: "target=ts,error_docs=html",
    files: ["contracts/library.proto"],
    extension: ".html",
  },
  { folder: "error_messages", option: "target=ts,error_messages=json", files: fixtures, extension: ".json" },
])("The files in golden/$folder equal the output.", ({ folder, option, files, extension = "" }) => {
  const golden = inPackage(join("test/golden", folder));
  const all = Object.entries(generate(`${option},elide_plugin_version=true`, files));
  const output: Files = Object.fromEntries(all.filter(([path]) => path.endsWith(extension)));
  if (update) {
    rmSync(golden, { recursive: true, force: true });
    writeFiles(golden, output);
  }
  expect(output).toEqual(readFiles(golden));
});
