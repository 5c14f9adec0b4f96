import { recordSuite } from "../lib/suite-table.mjs";
import { startServer } from "./server.mjs";

/**
 * Runs the cases of a suite, and prints which of them failed, and why.
 *
 * @returns how many cases passed and failed
 */
export async function runCases({ name: suite, version, server: program, test, cases }) {
  const server = await startServer(program);
  const failed = [];
  for (const name of cases) {
    try {
      await test(server.port, name);
      console.log(`ok      ${name}`);
    } catch (error) {
      failed.push(name);
      console.log(`FAILED  ${name}\n${error.message.replace(/^/gm, "    ")}`);
    }
  }
  await server.stop();
  if (failed.length > 0) console.log(`The server printed:\n${server.output()}`);
  const result = { passed: cases.length - failed.length, failed: failed.length };
  recordSuite({ suite, version, ...result });
  return result;
}
