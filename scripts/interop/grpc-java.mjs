import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../lib/failure.mjs";
import { root } from "../lib/root.mjs";
import { run } from "../lib/run.mjs";

// https://github.com/grpc/grpc-java/tree/master/interop-testing
const pom = join(root, "interop/java/pom.xml");
const tools = join(root, ".tools/grpc-java");

export const grpcJavaVersion = /<artifactId>grpc-interop-testing<\/artifactId>\s*<version>(.*)<\/version>/.exec(
  readFileSync(pom, "utf8"),
)[1];

/** Checks that Java and Maven are installed. */
export async function checkJava() {
  try {
    await run("java", ["-version"]);
    await run("mvn", ["-version"]);
  } catch (error) {
    throw new Failure(`${error.message}\nInstall Java 11 or later and Maven (on Debian: apt-get install maven).`, {
      cause: error,
    });
  }
}

/** Copies the interop client and server of grpc-java, and the packages that they need, into .tools. */
export async function installGrpcJava() {
  rmSync(tools, { recursive: true, force: true });
  const options = ["-DincludeScope=runtime", `-DoutputDirectory=${tools}`];
  await run("mvn", ["--quiet", "--batch-mode", "--file", pom, "dependency:copy-dependencies", ...options]);
}

/** The program to run for a name, "Client" or "Server". */
export function grpcJava(name) {
  // A short run is fastest without the optimizing compiler.
  const options = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", join(tools, "*")];
  return {
    command: "java",
    args: [...options, `io.grpc.testing.integration.TestService${name}`, "--use_tls=false"],
    // With port 0, the server would not print its port.
    needsPort: true,
  };
}
