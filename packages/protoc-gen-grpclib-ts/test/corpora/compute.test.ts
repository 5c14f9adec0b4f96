import { expect, test } from "vitest";
import { compile } from "../support/fixtures.js";
import { built, inPackage, workFolder } from "../support/folders.js";
import { run, succeed, tools } from "../support/tools.js";

const googleapis = inPackage("node_modules/google-proto-files");

// protoc-gen-es takes more than a minute for this file.
test("The output for the largest file of googleapis type-checks.", () => {
  built("packages/runtime/dist/codegen.js");
  const lib = ["es2022", "esnext.disposable", "dom"];
  const compilerOptions = { strict: true, noEmit: true, module: "nodenext", target: "es2022", lib, types: [] };
  const folder = workFolder("compute", {
    "package.json": JSON.stringify({ type: "module" }),
    "tsconfig.json": JSON.stringify({ compilerOptions, include: ["**/*"] }),
  });
  const files = compile(["-I", googleapis], ["google/cloud/compute/v1/compute.proto"]);
  const names = files.map(({ name }) => name).filter((name) => !name.startsWith("google/protobuf/"));
  const flags = ["-I", googleapis, `--plugin=${tools.plugin()}`, `--plugin=${tools.protocGenEs()}`];
  for (const plugin of ["es", "grpclib-ts"]) {
    flags.push(`--${plugin}_out=${folder}`, `--${plugin}_opt=target=ts,import_extension=js`);
  }
  succeed("protoc", [...flags, ...names]);

  const { status, stdout } = run("tsc 7", ["-p", "."], { cwd: folder });
  expect(stdout.toString()).toBe("");
  expect(status).toBe(0);
});
