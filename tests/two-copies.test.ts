import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { root } from "../scripts/lib/root.mjs";
import { run } from "../scripts/lib/run.mjs";

// A program that has loaded two copies of the runtime, as in a monorepo whose packages use different versions. `one`
// and `two` have the same source, and each is the other one's `other.js`.
const folder = mkdtempSync(join(tmpdir(), "two-copies-"));
afterAll(() => rmSync(folder, { recursive: true }));

const runtime = join(root, "packages/runtime");
const dist = join(runtime, "dist");
const versions = { one: "0.1.0", two: "0.2.0" };

beforeAll(() => {
  link(join(root, "node_modules/@types"), "node_modules/@types");
  link(join(runtime, "node_modules/@bufbuild"), "node_modules/@bufbuild");
  cpSync(join(import.meta.dirname, "two-copies/tsconfig.json"), join(folder, "tsconfig.json"));
  write("package.json", JSON.stringify({ type: "module" }));
  for (const [name, version] of Object.entries(versions)) {
    const copy = `${name}/node_modules/@grpclib-ts/runtime`;
    // TypeScript takes two copies with the same version for the same package.
    const manifest = JSON.parse(readFileSync(join(runtime, "package.json"), "utf8"));
    write(`${copy}/package.json`, JSON.stringify({ ...manifest, version }));
    cpSync(dist, join(folder, copy, "dist"), { recursive: true });
    cpSync(join(import.meta.dirname, "two-copies/src"), join(folder, name), { recursive: true });
    cpSync(join(root, "examples/contracts/src/gen"), join(folder, name, "gen"), { recursive: true });
    write(`${name}/other.ts`, `export * from "../${name === "one" ? "two" : "one"}/exports.js";\n`);
  }
});

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
    expect(await run("tsc", [], { cwd: folder })).toBe("");
  });

  test.for(Object.keys(versions))("call each other, as seen from %s", async (name) => {
    const lines = (await run("node", [join(folder, name, "main.js")], { cwd: folder })).split("\n");
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

function link(target: string, path: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  symlinkSync(target, join(folder, path));
}

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}
