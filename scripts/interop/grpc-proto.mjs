import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Failure } from "../lib/failure.mjs";
import { root } from "../lib/root.mjs";
import { run } from "../lib/run.mjs";

// The Debian package and the files in it: https://packages.debian.org/grpc-proto
const name = "grpc-proto";
const path = "usr/share/grpc-proto/grpc/testing";
const files = ["test.proto", "messages.proto", "empty.proto"];
const target = join(root, ".tools/grpc-proto/grpc/testing");

/** Copies the .proto files of the official tests into .tools. Downloads the Debian package if it is not installed. */
export async function fetchProtos() {
  if (files.every((file) => existsSync(join(target, file)))) return;
  if (existsSync(join("/", path))) {
    copyFrom("/");
    return;
  }
  const directory = mkdtempSync(join(tmpdir(), "grpc-proto-"));
  try {
    await run("apt-get", ["download", name], { cwd: directory });
    const [archive] = readdirSync(directory);
    await run("dpkg", ["-x", archive, "."], { cwd: directory });
    copyFrom(directory);
  } catch (error) {
    throw new Failure(`${error.message}\nInstall the package ${name}: apt-get update && apt-get install ${name}`, {
      cause: error,
    });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function copyFrom(folder) {
  for (const file of files) cpSync(join(folder, path, file), join(target, file));
}
