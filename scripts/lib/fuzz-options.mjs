import { parseArgs } from "node:util";
import { wholeNumber } from "./whole-number.mjs";

const usage = `Usage: npm run fuzz -- [options]

  --side <side>         what to fuzz: decoders, server, client or all (default)
  --seed <n>            the seed of the random numbers, to repeat a run. Default: a random seed
  --inputs <n>          inputs per decoder. Default: 1000000, about half an hour for all decoders
  --only <name>         the name of one decoder
  --conversations <n>   conversations with a server or a client. Default: 1000000, about 20 minutes per side
  --help                prints this text`;

/** Parses the options of the fuzzer. Prints the usage and ends the process if they are invalid. */
export function fuzzOptions(args) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        help: { type: "boolean", default: false },
        side: { type: "string", default: "all" },
        seed: { type: "string", default: String(Math.floor(Math.random() * 2 ** 31)) },
        inputs: { type: "string", default: "1000000" },
        only: { type: "string" },
        conversations: { type: "string", default: "1000000" },
      },
    });
    if (values.help) {
      console.log(usage);
      process.exit();
    }
    if (!["decoders", "server", "client", "all"].includes(values.side)) {
      throw new Error(`--side takes decoders, server, client or all, got ${values.side}`);
    }
    return {
      side: values.side,
      seed: wholeNumber("--seed", values.seed, 0),
      inputs: wholeNumber("--inputs", values.inputs, 1),
      only: values.only,
      conversations: wholeNumber("--conversations", values.conversations, 1),
    };
  } catch (error) {
    console.error(`${error.message}\n\n${usage}`);
    return process.exit(2);
  }
}
