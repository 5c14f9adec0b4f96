import { cpSync, existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { go } from "../lib/go.mjs";
import { root } from "../lib/root.mjs";
import { run } from "../lib/run.mjs";

const interop = join(root, "interop");
const target = join(root, ".tools/xds-protos");

/** The package has an older version of its validate.proto, which lacks rules that its other files use. */
const validate = "github.com/envoyproxy/protoc-gen-validate@v1.3.3";

/** Generates the messages and the service of the control plane from the .proto files of @grpc/grpc-js-xds. */
export async function generateXds() {
  if (!existsSync(target)) await copyProtos();
  await run("buf", ["generate", "--template", "buf.gen.xds.yaml"], { cwd: interop });
}

/** Copies them into one folder. In the package, there is one for each project. */
async function copyProtos() {
  const { Dir: validateFolder } = JSON.parse(await go(["mod", "download", "-json", validate]));
  const deps = join(
    dirname(createRequire(join(interop, "package.json")).resolve("@grpc/grpc-js-xds/package.json")),
    "deps",
  );
  for (const name of ["envoy-api", "xds", "googleapis"]) cpSync(join(deps, name), target, { recursive: true });
  cpSync(join(validateFolder, "validate/validate.proto"), join(target, "validate/validate.proto"));
}
