import { parseArgs } from "node:util";
import { rooms } from "../../packages/runtime/rooms.mjs";

const usage = `Usage: npm run mutate -- [options]

Changes the source of the runtime in many small ways, and runs the tests that execute each change. A change
that no test fails for is printed: write a test, delete the code, or explain it in a comment beginning with
"Stryker disable next-line all: ". It takes a minute for a small file, and hours for all rooms.

Only quick tests run: not the attacks and the programs, and none that takes more than a second. Tests of
random values try 100 of them.

  --room <name>      one of ${Object.keys(rooms).join(", ")}. Default: all. May be repeated
  --file <pattern>   only files whose paths below packages/runtime/src match, such as wire/timeout.ts, or a part of
                     a file, such as wire/timeout.ts:10-20. May be repeated
  --tests <path>     only tests whose paths below packages/runtime/test begin with this, such as wire. May be repeated
  --static           also changes code that runs when a module is loaded, such as tables. Slow: each of these changes
                     needs a new process
  --jobs <number>    how many changes are tested at a time. Default: 4, because most of the time passes with waiting: a
                     change often makes a call hang. With fewer jobs, fewer tests time out because the computer is busy
  --help             prints this`;

/** Parses the options of the mutation tests. Prints the usage and ends the process if they are invalid. */
export function mutateOptions(args) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        help: { type: "boolean", default: false },
        room: { type: "string", multiple: true, default: Object.keys(rooms) },
        file: { type: "string", multiple: true },
        tests: { type: "string", multiple: true, default: [""] },
        static: { type: "boolean", default: false },
        jobs: { type: "string", default: "4" },
      },
    });
    if (values.help) {
      console.log(usage);
      process.exit();
    }
    for (const room of values.room) if (!(room in rooms)) throw new Error(`There is no room ${room}`);
    const patterns = values.file ?? values.room.map((room) => `${room}/**/*.ts`);
    return { patterns, tests: values.tests, includeStatic: values.static, jobs: Number(values.jobs) };
  } catch (error) {
    console.error(`${error.message}\n\n${usage}`);
    return process.exit(2);
  }
}
