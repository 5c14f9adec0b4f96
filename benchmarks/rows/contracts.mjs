import { join } from "node:path";
import { makeContractProject } from "../lib/contract-project.mjs";
import { interleave } from "../lib/figures.mjs";

const methods = 200;

/** The cost of error contracts: a service of 200 methods with six errors each, compared to the same without errors. */
export const contractRows = [
  row("error contracts, buf generate", "generate"),
  row("error contracts, tsc", "typeCheck"),
];

function row(name, action) {
  return {
    name,
    unit: "wall time",
    targets: [],
    async measure({ runs, folder }) {
      const without = await makeContractProject(join(folder, "without"), { methods, contracts: false });
      const declared = await makeContractProject(join(folder, "with"), { methods, contracts: true });
      // Type-checking needs the generated code.
      for (const project of [without, declared]) await project.generate();
      return await interleave({ without: timed(without[action]), with: timed(declared[action]) }, { runs });
    },
  };
}

function timed(action) {
  return async () => {
    const start = performance.now();
    await action();
    return { "wall time": (performance.now() - start) / 1000 };
  };
}
