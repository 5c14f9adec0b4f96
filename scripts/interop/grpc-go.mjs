import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { go } from "../lib/go.mjs";
import { root } from "../lib/root.mjs";

// https://github.com/grpc/grpc-go/tree/master/interop
const module = "google.golang.org/grpc";
const ours = join(root, "interop/go");
const tools = join(root, ".tools/grpc-go");

export const grpcGoVersion = versionOf(module);
export const protovalidateGoVersion = versionOf("buf.build/go/protovalidate");

/** Installs the interop client and server of grpc-go, their certificates, and our own programs that use grpc-go. */
export async function installGrpcGo() {
  const programs = ["client", "server"].map((name) => `${module}/interop/${name}@${grpcGoVersion}`);
  await go(["install", ...programs], { GOBIN: tools });
  await go(["install", "-C", ours, "./..."], { GOBIN: tools });
  const { Dir: sources } = JSON.parse(await go(["mod", "download", "-json", `${module}@${grpcGoVersion}`]));
  for (const file of ["ca.pem", "server1.pem", "server1.key"]) {
    copyFileSync(join(sources, "testdata", file), join(tools, file));
  }
}

/** The version of a module that our programs use. */
function versionOf(name) {
  return new RegExp(`^\\t${name} (.*)$`, "m").exec(readFileSync(join(ours, "go.mod"), "utf8"))[1];
}

/** The program to run for a name: "client" or "server" of grpc-go, or one in interop/go. */
export function grpcGo(name) {
  // At this log level, the server prints its port.
  return { command: join(tools, name), args: [], env: { GRPC_GO_LOG_SEVERITY_LEVEL: "info" } };
}

/** The flags that enable TLS in grpc-go's programs and in ours. */
export const tlsFlags = {
  client: [
    ...["--use_tls", "--use_test_ca", `--ca_file=${join(tools, "ca.pem")}`],
    "--server_host_override=foo.test.google.fr",
  ],
  server: [
    ...["--use_tls", `--tls_cert_file=${join(tools, "server1.pem")}`, `--tls_key_file=${join(tools, "server1.key")}`],
  ],
};
