import { spawn } from "node:child_process";
import { join } from "node:path";
import { Failure } from "./failure.mjs";
import { go } from "./go.mjs";
import { root } from "./root.mjs";
import { run } from "./run.mjs";
import { casesToRepeat } from "./suite-faults.mjs";
import { recordSuite } from "./suite-table.mjs";

// https://github.com/connectrpc/conformance
const module = "connectrpc.com/conformance";
const version = "v1.0.5";
const tools = join(root, ".tools/bin");

/** How often cases may run again: on a busy machine, a case that ran alone failed in two of five runs. */
const MAX_REPEATS = 10;

/**
 * What the suite tests: our client or server (`mode`), with a configuration and a program of `conformance/`. `cases` is
 * the number of cases that the configuration selects: one that selects fewer by mistake must fail.
 */
const suites = {
  client: { mode: "client", config: "grpc.yaml", program: "client.js", cases: 634 },
  server: { mode: "server", config: "grpc.yaml", program: "server.js", cases: 566 },
  "client over Connect": { mode: "client", config: "connect-client.yaml", program: "connect-client.js", cases: 2647 },
  "server behind Connect": {
    mode: "server",
    config: "connect-server.yaml",
    program: "connect-server.js",
    cases: 1890,
  },
};

/** The names of the suites of a mode, `client` or `server`, or of all modes. */
export function suitesOf(mode) {
  return Object.keys(suites).filter((name) => mode === undefined || suites[name].mode === mode);
}

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
 * Runs a suite, and shows what it prints. Fails if the number of cases is not the expected one, unless there are
 * options, which may select cases.
 *
 * @returns how many cases passed and failed
 */
export function runSuite(name, options) {
  if (options.length > 0) return runCases(name, options);
  return recordSuite({ suite: `connectrpc/conformance, ${name}`, version }, () => runCases(name, options));
}

/** Runs a suite. Cases that failed and may be the suite's own fault run again. */
async function runCases(name, options) {
  let { passed, failed, output } = await runOnce(name, options);
  for (let repeats = 0; repeats < MAX_REPEATS; repeats++) {
    const cases = casesToRepeat(name, output);
    if (cases.length === 0) break;
    console.log(`Cases to run again, because the fault may be the suite's own: ${cases.length}`);
    const again = await runOnce(
      name,
      cases.flatMap((each) => ["--run", each]),
    );
    if (again.passed + again.failed !== cases.length) {
      throw new Failure(`Expected ${cases.length} cases to run again, but ${again.passed + again.failed} ran`);
    }
    passed += again.passed;
    failed += again.failed - cases.length;
    output = again.output;
  }
  return { passed, failed };
}

async function runOnce(name, options) {
  const { mode, config, program, cases } = suites[name];
  const { output, end } = await show(join(tools, "connectconformance"), [
    ...["-v", "--mode", mode, "--conf", `conformance/${config}`, "--max-servers", "2"],
    ...(mode === "server" ? ["--parallel", "4"] : []),
    ...options,
    ...["--", process.execPath, `conformance/dist/${program}`],
  ]);
  const counts = /^(\d+) passed, (\d+) failed$/m.exec(output);
  if (counts === null) throw new Failure(`The suite did not print a result: ${end}`);
  const [passed, failed] = counts.slice(1).map(Number);
  if (options.length === 0 && passed + failed !== cases) {
    throw new Failure(`Expected ${cases} cases, but ${passed + failed} ran`);
  }
  if (failed === 0 && end !== "exit code 0") throw new Failure(`The suite failed: ${end}`);
  return { passed, failed, output };
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
