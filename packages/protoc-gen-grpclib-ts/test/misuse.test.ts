import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { generate, generateMessages } from "./support/fixtures.js";
import { built, inPackage, workFolder } from "./support/folders.js";
import { run } from "./support/tools.js";

const misuse = readFileSync(inPackage("test/misuse/contracts.ts"), "utf8");

/** A comment that lists the errors of the line below it, e.g. `// TS2345 (TS2741 in 7): a detail is missing`. */
const expectation = /^ *\/\/ (?<codes>TS[^:(]*?)(?: \((?<otherCodes>TS.*) in (?<otherTsc>\S+)\))?: /;

/** The errors that a compiler must report, in the order of their lines. */
function expectedErrors(tsc: string): string[] {
  return misuse.split("\n").flatMap((line, index) => {
    const { codes, otherCodes, otherTsc } = expectation.exec(line)?.groups ?? {};
    const expected = otherTsc === tsc ? otherCodes : codes;
    // Lines count from 1, and the error is on the line after the comment.
    return expected?.split(", ").map((code) => `line ${index + 2}: ${code}`) ?? [];
  });
}

/**
 * The errors that a compiler printed. Drops indented lines, which explain the
 * error above them. Keeps any other output, so that the test fails on it.
 */
function foundErrors(output: string): string[] {
  return output
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith(" "))
    .map((line) => line.replace(/^misuse\/contracts\.ts\((\d+),\d+\): error (TS\d+): .*/, "line $1: $2"));
}

// No option beyond those that every user has at least.
const compilerOptions = {
  strict: true,
  module: "nodenext",
  target: "es2022",
  types: [],
  skipLibCheck: true,
  noEmit: true,
};

/** Compiles a file that uses the generated code. @returns what the compiler printed */
function compileUsage(tsc: Compiler, target: string, file: string, source: string): string {
  built("packages/runtime/dist/codegen.js");
  const option = `target=${target},import_extension=js`;
  const folder = workFolder(`${file.replace(/\W/g, "-")}-${tsc}-${target}`, {
    ...generateMessages(option),
    ...generate(option),
    [file]: source,
    "package.json": `{ "type": "module" }`,
    "tsconfig.json": JSON.stringify({ compilerOptions, files: [file] }),
  });
  const { stdout } = run(`tsc ${tsc}`, ["-p", ".", "--pretty", "false"], { cwd: folder });
  return stdout.toString();
}

type Compiler = "5.4" | "5.9" | "7";

test.for([
  { tsc: "5.4", target: "ts" },
  { tsc: "5.9", target: "ts" },
  { tsc: "7", target: "ts" },
  { tsc: "7", target: "js+dts" },
] as const)("tsc $tsc reports the wrong uses of the output of target=$target, and nothing else.", ({ tsc, target }) => {
  const output = compileUsage(tsc, target, "misuse/contracts.ts", misuse);
  expect(foundErrors(output)).toEqual(expectedErrors(tsc));
});

test.for(["5.4", "5.9", "7"] as const)("tsc %s names the field of a response that is wrong.", (tsc) => {
  const source = `import { LibraryServiceBase } from "../contracts/library_grpclib.js";
    export abstract class Library extends LibraryServiceBase {
      override async getBook() { return { title: 1 }; }
      override async *watchBooks() { yield { title: 1 }; }
    }`;
  const output = compileUsage(tsc, "ts", "misuse/handler.ts", source);
  expect(output.match(/Types of property 'title' are incompatible\./g)).toHaveLength(2);
});
