import { parseArgs } from "node:util";
import { rooms } from "../../packages/runtime/rooms.mjs";

const usage = `Usage: npm run mutate -- [options]

Changes the source of the runtime in many small ways, and runs the tests that execute each change. A change
that no test fails for is printed: write a test, delete the code, or explain it in a comment beginning with
"Stryker disable next-line all: ". It takes a minute for a small file, and hours for all rooms.

  --room <name>      one of ${Object.keys(rooms).join(", ")}. Default: all
  --file <pattern>   only files whose paths below packages/runtime/src match, such as wire/timeout.ts
  --help             prints this`;

/** Parses the options of the mutation tests. Prints the usage and ends the process if they are invalid. */
export function mutateOptions(args) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        help: { type: "boolean", default: false },
        room: { type: "string" },
        file: { type: "string" },
      },
    });
    if (values.help) {
      console.log(usage);
      process.exit();
    }
    if (values.room !== undefined && !(values.room in rooms)) throw new Error(`There is no room ${values.room}`);
    const chosen = values.room === undefined ? Object.keys(rooms) : [values.room];
    return { patterns: values.file === undefined ? chosen.map((room) => `${room}/**/*.ts`) : [values.file] };
  } catch (error) {
    console.error(`${error.message}\n\n${usage}`);
    return process.exit(2);
  }
}
