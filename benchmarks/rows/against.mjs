import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { measureCalls } from "../lib/measure-calls.mjs";
import { refuse } from "../lib/options.mjs";
import { programIn } from "../lib/peer.mjs";
import { callRows } from "./calls.mjs";

/** How much CPU time this checkout may take, as a multiple of the other's, before a row says so. Less is noise. */
const atMost = 1.1;

/**
 * The rows with calls, with the subjects of this library only, each as it is in this checkout and in another one. Both
 * run in turns in one run, which shows differences that two runs of the benchmarks would not.
 *
 * @param folder the other checkout, which must have been built, with the code that its benchmarks generate
 */
export function rowsAgainst(folder) {
  const checkout = resolve(folder);
  const missing = [programIn(checkout), join(checkout, "benchmarks/gen"), join(checkout, "packages/runtime/dist")].find(
    (path) => !existsSync(path),
  );
  if (missing !== undefined) {
    refuse(`--against takes a checkout that has been built, but there is no ${missing}. Run this in the checkout:
  npm run bench -- --quick --only "1 in flight"`);
  }
  return callRows.map((row) => {
    const own = Object.entries(row.subjects).filter(([, { peer }]) => peer.startsWith("grpclib-ts"));
    const before = (name) => `${name}, other checkout`;
    const compared = {
      ...row,
      subjects: Object.fromEntries(
        own.flatMap(([name, subject]) => [
          [name, subject],
          [before(name), { ...subject, peer: `${subject.peer}@${checkout}` }],
        ]),
      ),
      targets: own.flatMap(([name]) =>
        ["client CPU", "server CPU"].map((metric) => ({ metric, of: name, over: before(name), atMost })),
      ),
    };
    return {
      ...compared,
      onEachNode: false,
      // Each run has new processes, because V8 optimizes the same program differently from one process to the next.
      measure: (context) => measureCalls(compared, { ...context, starts: context.runs }),
    };
  });
}
