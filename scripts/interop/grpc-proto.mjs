import { cpSync, existsSync } from "node:fs";
import { join } from "node:path";
import { root } from "../lib/root.mjs";
import { withDebianPackage } from "./debian-package.mjs";

// The Debian package and the files in it: https://packages.debian.org/grpc-proto
const path = "usr/share/grpc-proto/grpc/testing";
const files = ["test.proto", "messages.proto", "empty.proto"];
const target = join(root, ".tools/grpc-proto/grpc/testing");

/** Copies the .proto files of the official tests into .tools. Downloads the Debian package if it is not installed. */
export async function fetchProtos() {
  if (files.every((file) => existsSync(join(target, file)))) return;
  if (existsSync(join("/", path))) copyFrom("/");
  else await withDebianPackage("grpc-proto", copyFrom);
}

function copyFrom(folder) {
  for (const file of files) cpSync(join(folder, path, file), join(target, file));
}
