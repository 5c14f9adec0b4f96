import { parseArgs } from "node:util";
import { corpora } from "./corpora.mjs";

const usage = `Usage: npm run test:corpora -- [options]

Generates code for the .proto files of well-known projects, checks that it has all services, and checks its types.
Takes about 20 minutes for all of them. The packages with the files are downloaded into .tools and Go's module cache.

  --only <name>  only this project. May be repeated. The names are:
                 ${corpora.map(({ name }) => name).join("\n                 ")}
  --help         prints this text`;

/** Parses the options to the corpora that they select. Prints the usage and ends the process if they are invalid. */
export function selectCorpora(args) {
  try {
    const { values } = parseArgs({
      args,
      options: { help: { type: "boolean", default: false }, only: { type: "string", multiple: true } },
    });
    if (values.help) {
      console.log(usage);
      process.exit();
    }
    const { only = corpora.map(({ name }) => name) } = values;
    for (const name of only)
      if (!corpora.some((corpus) => corpus.name === name)) throw new Error(`There is no project ${name}`);
    return corpora.filter(({ name }) => only.includes(name));
  } catch (error) {
    console.error(`${error.message}\n\n${usage}`);
    return process.exit(2);
  }
}
