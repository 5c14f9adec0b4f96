import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { root } from "../scripts/lib/root.mjs";
import { run } from "../scripts/lib/run.mjs";
import { installed, makeByHand } from "./hand-made.js";

// A program that has loaded two copies of the runtime, as in a monorepo whose packages use different versions. `one`
// and `two` have the same source, and each is the other one's `other.js`.
const program = makeByHand("two-copies");
const fixture = join(import.meta.dirname, "two-copies");
const dist = join(root, "packages/runtime/dist");

program.link(installed.nodeTypes, "node_modules/@types/node");
program.link(installed.protobuf, "node_modules/@bufbuild/protobuf");
program.copy(join(fixture, "tsconfig.json"), "tsconfig.json");
program.write("package.json", JSON.stringify({ type: "module" }));
// The versions differ because TypeScript takes two copies of the same version for one package.
for (const [name, other, version] of [
  ["one", "two", "0.1.0"],
  ["two", "one", "0.2.0"],
] as const) {
  program.copyRuntime(`${name}/node_modules/@grpclib-ts/runtime`, version);
  program.copy(join(fixture, "src"), name);
  program.copy(join(root, "examples/contracts/src/gen"), `${name}/gen`);
  program.write(`${name}/other.ts`, `export * from "../${other}/exports.js";\n`);
}

test("no declaration of the runtime is nominal", () => {
  const declarations = readdirSync(dist, { recursive: true, encoding: "utf8" }).filter((path) =>
    path.endsWith(".d.ts"),
  );
  expect(declarations.length).toBeGreaterThan(50);
  const nominal = declarations.filter((path) => /#private|unique symbol/.test(readFileSync(join(dist, path), "utf8")));
  expect(nominal).toEqual([]);
});

describe("two versions of the runtime in a program", () => {
  test("have types that fit, in both directions", async () => {
    expect(await run("tsc", [], { cwd: program.folder })).toBe("");
  });

  test.for(["one", "two"])("call each other, as seen from %s", async (name) => {
    const lines = (await run("node", [join(name, "main.js")], { cwd: program.folder })).split("\n");
    expect(lines).toEqual([...pairs.flatMap((pair) => [pair, ...calls]), ...rest]);
  });
});

/** Which parts of the calls use which copy. The outcomes are the same. */
const pairs = [
  "this stub, the other channel:",
  "the other stub, this channel:",
  "the other stub, this channel with the other's defaults:",
  "this stub, a channel with the other's registry:",
];

/** The outcomes of the calls: status, kind, is() of each copy's contract, trailing metadata and details. */
const calls = [
  "  OK today true",
  "  FAILED_PRECONDITION SEAT_TAKEN true,true undefined contracts.v1.SeatTaken,Unknown('none.v1.None')",
  "  ABORTED undefined false,false row 2 ",
  "  ABORTED undefined false,false undefined google.protobuf.Timestamp",
  "  FAILED_PRECONDITION SEAT_TAKEN true,true undefined contracts.v1.SeatTaken,Unknown('none.v1.None')",
  "  DATA_LOSS undefined false,false row 3 ",
  "  DEADLINE_EXCEEDED undefined false,false undefined ",
  "  A1 true true",
];

const rest = ["instanceof: true,true,true,true,true,true", "detail(): R", "reports:"];
