import { parseArgs } from "node:util";

const usage = `Usage: npm run bench -- [options]

  --quick            three minutes: fewer and shorter runs, no slow peers
  --only <pattern>   only the rows whose names match
  --record           writes the results: results.json, the tables, the chart. With --only, of these rows
  --node <path>      on this Node in place of the machine's and Node 24; may be repeated
  --runs <n>         runs of each subject, in place of 7
  --full             also type-checks all of googleapis (ten minutes more)
  --profile          prints where each process spends its time`;

/** The options of the benchmarks. Where they make no sense it says so, and ends the process. */
export function parseOptions(args) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        help: { type: "boolean", default: false },
        only: { type: "string", default: "" },
        node: { type: "string", multiple: true },
        runs: { type: "string" },
        quick: { type: "boolean", default: false },
        full: { type: "boolean", default: false },
        profile: { type: "boolean", default: false },
        record: { type: "boolean", default: false },
      },
    });
    if (values.help) {
      console.log(usage);
      process.exit();
    }
    if (values.record && (values.quick || values.profile)) {
      throw new Error("--record needs thorough results: leave out --quick and --profile");
    }
    const runs = values.runs === undefined ? undefined : Number(values.runs);
    if (runs !== undefined && !(Number.isInteger(runs) && runs > 0)) {
      throw new Error(`--runs takes a number of runs, such as 7, and not ${values.runs}`);
    }
    return { ...values, runs, only: new RegExp(values.only, "i"), all: values.only === "" };
  } catch (error) {
    return refuse(`${error.message}\n\n${usage}`);
  }
}

/** Ends the process, because it cannot do what it was asked for. */
export function refuse(reason) {
  console.error(reason);
  process.exit(2);
}
