import { Failure } from "../lib/failure.mjs";
import { bun } from "./installed.mjs";
import { program, start } from "./program.mjs";

/** The steps that fail once a workaround of the library is no longer needed. */
export const workarounds = [
  {
    name: `the workaround for windows in ${bun.name} is needed`,
    action: checkBunWindow,
    hint: "remove it from packages/runtime/src/http2/node-session.ts, and its paragraph from docs/runtimes.md",
  },
];

async function checkBunWindow() {
  let hangs;
  const running = start(program(bun, "window"), (line) => {
    ({ hangs } = line);
  });
  const code = await running.end();
  if (hangs === undefined) throw new Failure(`It ended with ${code}:\n${running.output()}`);
  if (!hangs) throw new Failure(`${bun.name} does not hang after setLocalWindowSize()`);
}
