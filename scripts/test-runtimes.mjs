import { join } from "node:path";
import { root } from "./lib/root.mjs";
import { run } from "./lib/run.mjs";
import { setUp } from "./lib/set-up.mjs";
import { runSteps } from "./lib/steps.mjs";
import { installRuntimes } from "./runtimes/installed.mjs";
import { checkPage } from "./runtimes/page.mjs";
import { http2, overFetch } from "./runtimes/suites.mjs";
import { workarounds } from "./runtimes/workarounds.mjs";

const bundle = ["--bundle", "--format=esm", "--platform=browser", "--log-level=warning"];

// Runs clients and servers in Node, Bun, Deno and workerd. To write the results to docs/runtimes.md: -- --record
await runSteps([
  ...setUp,
  {
    name: "install the runtimes",
    needed: true,
    action: installRuntimes,
    hint: "they come with npm packages, which may not exist for this platform",
  },
  { name: "compile", needed: true, action: () => run("tsc", ["-p", "runtimes"]) },
  {
    name: "bundle the worker",
    needed: true,
    action: () =>
      run("esbuild", ["src/edge/worker.ts", ...bundle, "--outfile=dist/worker.js"], { cwd: join(root, "runtimes") }),
  },
  ...http2.steps,
  ...overFetch.steps,
  ...workarounds,
  {
    name: "the tables of docs/runtimes.md",
    action: async () => checkPage({ "Calls over HTTP/2": http2.table(), "Fetch handlers": overFetch.table() }),
  },
]);
