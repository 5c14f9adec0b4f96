import { parseArgs } from "node:util";
import { wholeNumber } from "./whole-number.mjs";

const usage = `Usage: npm run fuzz -- [options]

  --side <side>         server, client or both (default)
  --seed <n>            the seed of the random conversations, to repeat a run. Default: a random seed
  --conversations <n>   conversations per side. Default: 1000000, about 20 minutes per side
  --help                prints this text`;

/** Parses the options of the fuzzer. Prints the usage and ends the process if they are invalid. */
export function fuzzOptions(args) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        help: { type: "boolean", default: false },
        side: { type: "string", default: "both" },
        seed: { type: "string", default: String(Math.floor(Math.random() * 2 ** 31)) },
        conversations: { type: "string", default: "1000000" },
      },
    });
    if (values.help) {
      console.log(usage);
      process.exit();
    }
    if (!["server", "client", "both"].includes(values.side)) {
      throw new Error(`--side takes server, client or both, got ${values.side}`);
    }
    return {
      side: values.side,
      seed: wholeNumber("--seed", values.seed, 0),
      conversations: wholeNumber("--conversations", values.conversations, 1),
    };
  } catch (error) {
    console.error(`${error.message}\n\n${usage}`);
    return process.exit(2);
  }
}
