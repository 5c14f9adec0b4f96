import { join } from "node:path";
import { checkCompleteness } from "./corpora/completeness.mjs";
import { selectCorpora } from "./corpora/options.mjs";
import { checkTypes, createProject } from "./corpora/project.mjs";
import { tools } from "./corpora/sources.mjs";
import { Failure } from "./lib/failure.mjs";
import { setUp } from "./lib/set-up.mjs";
import { runSteps } from "./lib/steps.mjs";

const corpora = selectCorpora(process.argv.slice(2));
const needed = corpora.flatMap(({ roots, imports = [] }) => [...roots, ...imports]).map(({ needs }) => needs);

await runSteps([
  ...Object.entries(tools)
    .filter(([name]) => needed.includes(name))
    .map(([name, action]) => ({ name, needed: true, action })),
  ...setUp,
  ...corpora.map((corpus) => ({
    name: `${corpus.name}, services: ${corpus.services}`,
    action: () => check(corpus),
  })),
]);

async function check(corpus) {
  const folder = await createProject(corpus);
  const services = checkCompleteness(join(folder, "src"));
  if (services !== corpus.services) throw new Failure(`Expected ${corpus.services} services, got ${services}`);
  const errors = await checkTypes(folder);
  if (errors > 0) console.log(`\n    protoc-gen-es: ${errors} errors in its own code`);
}
