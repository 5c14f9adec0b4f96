import { spawn } from "node:child_process";
import { join } from "node:path";
import { Failure } from "./failure.mjs";
import { go } from "./go.mjs";
import { root } from "./root.mjs";
import { run } from "./run.mjs";
import { recordSuite } from "./suite-table.mjs";

// https://github.com/connectrpc/conformance
const module = "connectrpc.com/conformance";
const version = "v1.0.5";
const tools = join(root, ".tools/bin");

/** The number of cases that conformance/grpc.yaml selects. A configuration that selects fewer by mistake must fail. */
const expectedCases = { client: 634, server: 566 };

/** Installs the program that contains and runs the suite. */
export async function installSuite() {
  await go(["install", `${module}/cmd/connectconformance@${version}`], { GOBIN: tools });
}

/** Generates the code for the suite's .proto files, which are in the same Go module as its program. */
export async function generateSuite() {
  const { Dir: folder } = JSON.parse(await go(["mod", "download", "-json", `${module}@${version}`]));
  await run("buf", ["generate", join(folder, "proto")], { cwd: join(root, "conformance") });
}

/**
 * Runs the suite against our client or server (`mode`: "client" or "server"), and shows what it prints. Fails if the
 * number of cases is not the expected one, unless there are options, which may select cases.
 *
 * @returns how many cases passed and failed
 */
export function runSuite(mode, options) {
  if (options.length > 0) return runMode(mode, options);
  return recordSuite({ suite: `connectrpc/conformance, ${mode}`, version }, () => runMode(mode, options));
}

async function runMode(mode, options) {
  const { output, end } = await show(join(tools, "connectconformance"), [
    ...["-v", "--mode", mode, "--conf", "conformance/grpc.yaml", "--max-servers", "2"],
    ...(mode === "server" ? ["--parallel", "4"] : []),
    ...options,
    ...["--", process.execPath, `conformance/dist/${mode}.js`],
  ]);
  const counts = /^(\d+) passed, (\d+) failed$/m.exec(output);
  if (counts === null) throw new Failure(`The suite did not print a result: ${end}`);
  const [passed, failed] = counts.slice(1).map(Number);
  if (options.length === 0 && passed + failed !== expectedCases[mode]) {
    throw new Failure(`Expected ${expectedCases[mode]} cases, but ${passed + failed} ran`);
  }
  if (failed === 0 && end !== "exit code 0") throw new Failure(`The suite failed: ${end}`);
  return { passed, failed };
}

/** Runs a command, and both shows and collects its output. */
function show(command, args) {
  const child = spawn(command, args, { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
  const chunks = [];
  child.stdout.on("data", (chunk) => {
    chunks.push(chunk);
    process.stdout.write(chunk);
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      resolve({ output: Buffer.concat(chunks).toString(), end: signal ?? `exit code ${code}` });
    });
  });
}
