import { parseArgs } from "node:util";

const usage = `Usage: npm run bench -- [options]

  --quick            fewer and shorter runs, without slow peers: takes three minutes
  --only <pattern>   measures only the rows whose names match
  --record           writes the results to results.json, the tables and the chart. With --only, updates these rows
  --node <path>      measures on this Node instead of this machine's Node and Node 24. May be repeated
  --runs <n>         the number of runs of each subject. Default: 7, with --quick 3
  --against <folder> measures calls of this checkout and of another one side by side, instead of the other libraries
  --full             also type-checks all of googleapis: takes ten minutes more
  --profile          prints where each process spends its time
  --help             prints this text`;

/** Parses the options of the benchmarks. Prints the usage and ends the process if they are invalid. */
export function parseOptions(args) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        help: { type: "boolean", default: false },
        only: { type: "string", default: "" },
        node: { type: "string", multiple: true },
        runs: { type: "string" },
        against: { type: "string" },
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
    const other = ["quick", "profile", "against"].find((name) => values[name]);
    if (values.record && other !== undefined) throw new Error(`--record cannot be combined with --${other}`);
    const runs = values.runs === undefined ? undefined : Number(values.runs);
    if (runs !== undefined && !(Number.isInteger(runs) && runs > 0)) {
      throw new Error(`--runs takes a positive whole number, got ${values.runs}`);
    }
    return { ...values, runs, only: new RegExp(values.only, "i"), all: values.only === "" };
  } catch (error) {
    return refuse(`${error.message}\n\n${usage}`);
  }
}

/** Prints a reason and ends the process with exit code 2. */
export function refuse(reason) {
  console.error(reason);
  process.exit(2);
}
