import { parseArgs } from "node:util";
import { wholeNumber } from "./whole-number.mjs";

const comparison = "It fails if a bound is broken. grpc-js runs beside it for comparison, and is not judged.";

/** Parses the options of a command. Prints the usage and ends the process if they are invalid. */
export function reliabilityOptions(args, { command, does, judges = comparison }) {
  const usage = `Usage: npm run ${command} -- [options]

${does}
${judges}

  --only <name>  only the scenarios whose names begin with this, as in docs/reliability.md
  --seed <n>     the seed of the random times and places. Default: 1
  --record       writes the figures to the tables in docs/reliability.md
  --help         prints this text`;
  try {
    const { values } = parseArgs({
      args,
      options: {
        help: { type: "boolean", default: false },
        only: { type: "string", default: "" },
        seed: { type: "string", default: "1" },
        record: { type: "boolean", default: false },
      },
    });
    if (values.help) {
      console.log(usage);
      process.exit();
    }
    return { only: values.only, seed: wholeNumber("--seed", values.seed, 0), record: values.record };
  } catch (error) {
    console.error(`${error.message}\n\n${usage}`);
    return process.exit(2);
  }
}
