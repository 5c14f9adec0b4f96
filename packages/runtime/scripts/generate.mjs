// Generates src/gen from proto, from the google.rpc protos, and from those of the services that the package implements.
// Only the first are committed. The others come from packages: those of google.rpc are copied to proto-google, which
// users import, the others to a folder of the build.
import { execFileSync } from "node:child_process";
import { cpSync, rmSync } from "node:fs";

const packageRoot = new URL("..", import.meta.url);

copy(import.meta.resolve("google-proto-files/package.json"), "proto-google/", {
  LICENSE: "LICENSE",
  "google/rpc/code.proto": "google/rpc/code.proto",
  "google/rpc/error_details.proto": "google/rpc/error_details.proto",
  "google/rpc/status.proto": "google/rpc/status.proto",
});
copy(import.meta.resolve("grpc-health-check/package.json"), "../../.tools/grpc-health/", {
  "proto/health/v1/health.proto": "grpc/health/v1/health.proto",
});
copy(import.meta.resolve("@grpc/reflection/package.json"), "../../.tools/grpc-reflection/", {
  "build/proto/grpc/reflection/v1/reflection.proto": "grpc/reflection/v1/reflection.proto",
  "build/proto/grpc/reflection/v1alpha/reflection.proto": "grpc/reflection/v1alpha/reflection.proto",
});

execFileSync("buf", ["generate"], { cwd: packageRoot, stdio: "inherit" });

/** Replaces a folder by files of a package: `files` maps their paths in the package to those in the folder. */
function copy(manifest, folder, files) {
  const source = new URL(".", manifest);
  const target = new URL(folder, packageRoot);
  rmSync(target, { recursive: true, force: true });
  for (const [from, to] of Object.entries(files)) cpSync(new URL(from, source), new URL(to, target));
}
