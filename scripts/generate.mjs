import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { architecture, withRooms } from "./lib/architecture.mjs";
import { root } from "./lib/root.mjs";
import { generate, setUp } from "./lib/set-up.mjs";
import { runSteps } from "./lib/steps.mjs";

await runSteps([...setUp, generate, { name: architecture, action: async () => generateArchitecture() }]);

function generateArchitecture() {
  const path = join(root, architecture);
  writeFileSync(path, withRooms(readFileSync(path, "utf8")));
}
