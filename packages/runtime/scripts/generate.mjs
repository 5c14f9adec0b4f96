// Copies the google.rpc protos that the package ships to proto-google, and generates src/gen from them and from proto.
// proto-google and src/gen/google are not committed: they come from the google-proto-files package.
import { execFileSync } from "node:child_process";
import { cpSync, rmSync } from "node:fs";

const source = new URL(".", import.meta.resolve("google-proto-files/package.json"));
const packageRoot = new URL("..", import.meta.url);
const copy = new URL("proto-google/", packageRoot);

rmSync(copy, { recursive: true, force: true });
for (const file of ["LICENSE", "google/rpc/code.proto", "google/rpc/error_details.proto", "google/rpc/status.proto"]) {
  cpSync(new URL(file, source), new URL(file, copy));
}

execFileSync("buf", ["generate"], { cwd: packageRoot, stdio: "inherit" });
