import { run } from "./lib/run.mjs";
import { setUp } from "./lib/set-up.mjs";
import { runSteps } from "./lib/steps.mjs";
import { callSteps, callTable } from "./runtimes/calls.mjs";
import { installRuntimes } from "./runtimes/installed.mjs";
import { checkPage } from "./runtimes/page.mjs";

// Runs clients and servers in Node, Bun and Deno. To write the results to docs/runtimes.md: -- --record
await runSteps([
  ...setUp,
  {
    name: "install the runtimes",
    needed: true,
    action: installRuntimes,
    hint: "they come with npm packages, which may not exist for this platform",
  },
  { name: "compile", needed: true, action: () => run("tsc", ["-p", "runtimes"]) },
  ...callSteps,
  { name: "the tables of docs/runtimes.md", action: async () => checkPage({ Calls: callTable() }) },
]);
