// Copies the google.rpc protos that the package ships to proto-google, and generates src/gen/google from them. Neither is
// committed: they come from the google-proto-files package.
import { execFileSync } from "node:child_process";
import { cpSync, rmSync } from "node:fs";

const source = new URL(".", import.meta.resolve("google-proto-files/package.json"));
const packageRoot = new URL("..", import.meta.url);
const copy = new URL("proto-google/", packageRoot);

rmSync(copy, { recursive: true, force: true });
for (const file of ["LICENSE", "google/rpc/code.proto", "google/rpc/error_details.proto", "google/rpc/status.proto"]) {
  cpSync(new URL(file, source), new URL(file, copy));
}

const template = {
  version: "v2",
  plugins: [{ local: "protoc-gen-es", out: "src/gen", opt: ["target=ts", "import_extension=js"] }],
};
execFileSync("buf", ["generate", "proto-google", "--template", JSON.stringify(template)], {
  cwd: packageRoot,
  stdio: "inherit",
});
