import { Failure } from "../lib/failure.mjs";
import { recordSuite } from "../lib/suite-table.mjs";
import { startServer } from "./server.mjs";

/**
 * Runs the cases of a suite. Prints the outcome of each, with the reason for a failure.
 *
 * @returns how many cases passed and failed
 */
export function runCases(suite) {
  return recordSuite({ suite: suite.name, version: suite.version }, () => runAll(suite));
}

async function runAll({ server: program, test, cases, count }) {
  if (cases.length !== count) throw new Failure(`Expected ${count} cases, found ${cases.length}`);
  const server = await startServer(program);
  const failed = [];
  for (const name of cases) {
    try {
      await test(server.port, name, server);
      console.log(`ok      ${name}`);
    } catch (error) {
      failed.push(name);
      console.log(`FAILED  ${name}\n${error.message.replace(/^/gm, "    ")}`);
    }
  }
  await server.stop();
  if (failed.length > 0) console.log(`The server printed:\n${server.output()}`);
  return { passed: cases.length - failed.length, failed: failed.length };
}
