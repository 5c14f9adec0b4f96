import { generatedFiles } from "./checks/generated-files.mjs";
import { lockfile } from "./checks/lockfile.mjs";
import { attw, publint } from "./checks/package.mjs";
import { checkRooms } from "./checks/rooms.mjs";
import { run } from "./lib/run.mjs";
import { setUp } from "./lib/set-up.mjs";
import { site } from "./lib/site.mjs";
import { runSteps } from "./lib/steps.mjs";
import { packages } from "./lib/workspace.mjs";

await runSteps([
  ...setUp,
  {
    name: "format and lint",
    action: () => run("biome", ["check", "--error-on-warnings", "--max-diagnostics=50"]),
    hint: "npm run format",
  },
  { name: "promises", action: () => run("oxlint", []) },
  { name: "lint of protos", action: () => run("buf", ["lint"]) },
  { name: "format of protos", action: () => run("buf", ["format", "--diff", "--exit-code"]), hint: "npm run format" },
  { name: "generated files", action: generatedFiles, hint: "npm run generate" },
  { name: "rooms of the runtime", action: checkRooms, hint: "see packages/runtime/rooms.mjs" },
  { name: "lockfile", action: lockfile },
  { name: "unused code and dependencies", action: () => run("knip", []) },
  ...packages.map((folder) => ({ name: `publint ${folder}`, action: () => publint(folder) })),
  // Only the runtime: the plugin is a command that has no exports.
  { name: "attw packages/runtime", action: () => attw("packages/runtime") },
  ...site,
]);
