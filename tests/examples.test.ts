import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { root } from "../scripts/lib/root.mjs";
import { run } from "../scripts/lib/run.mjs";
import { demos, examples } from "../scripts/lib/workspace.mjs";
import { compilers } from "./compilers.js";

// Users copy the examples, so they must compile with each supported version of TypeScript, and need no casts.

const compilerOptions = {
  target: "es2022",
  // TypeScript 5.4 has no newer one with Symbol.dispose. One of the examples is a page for browsers.
  lib: ["es2022", "esnext", "dom", "dom.iterable"],
  module: "nodenext",
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noEmit: true,
  skipLibCheck: true,
  typeRoots: [join(root, "node_modules/@types")],
  types: ["node"],
};

/** Comments, strings, and imports, which may rename with `as`. */
const notCode = /\/\/.*|\/\*[\s\S]*?\*\/|"[^"]*"|`[^`]*`|^(?:import|export)\b[^;=(]*\bfrom\b/gm;

/** `value as Type`, but not `as const`; `<Type>value`; `value!`; and `any`. */
const cast = /\bas (?!const\b)\w+|= <\w+>|[\w)\]]!(?=[.;,)[])|\bany\b/;

describe.for(examples)("%s", (example) => {
  const source = join(root, example, "src");

  test.for(Object.entries(compilers))("compiles with TypeScript %s", async ([, compiler]) => {
    const folder = mkdtempSync(join(tmpdir(), "examples-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: [source] }));
    await run(process.execPath, [join(root, compiler), "-p", folder]);
  });

  test("has no casts", () => {
    const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter(
      (name) => name.endsWith(".ts") && !name.startsWith("gen"),
    );
    expect(files).not.toHaveLength(0);
    for (const name of files) {
      const code = readFileSync(join(source, name), "utf8").replaceAll(notCode, "");
      expect(cast.exec(code)?.[0], `a cast in ${name}`).toBeUndefined();
    }
  });
});

test.for(demos)("%s runs its demo", async (example) => {
  expect(await run("npm", ["run", "--silent", "demo"], { cwd: join(root, example) })).not.toBe("");
});

describe("examples/operations", () => {
  const example = join(root, "examples/operations");

  beforeAll(() => run("tsc", ["-p", example]));

  test("its own tests pass", async () => {
    expect(await run("npm", ["test"], { cwd: example, env: { NO_COLOR: "1" } })).toMatch(/Tests +1 passed \(1\)/);
  });

  test("its demo shows the health of the server, and the error of the contract in a span", async () => {
    const output = await run("node", ["dist/main.js"], { cwd: example });
    const lines = output.split("\n").map((line: string) => line.trim());
    expect(lines.filter((line: string) => line.startsWith("The server is"))).toEqual([
      "The server is SERVING",
      "The server is NOT_SERVING",
      "The server is UNREACHABLE",
    ]);
    expect(lines.filter((line: string) => /^(?:SERVER|CLIENT)/.test(line)).toSorted()).toEqual([
      "CLIENT operations.v1.StockService/CountCopies NOT_FOUND TITLE_NOT_FOUND",
      "CLIENT operations.v1.StockService/CountCopies OK",
      "SERVER operations.v1.StockService/CountCopies NOT_FOUND TITLE_NOT_FOUND",
      "SERVER operations.v1.StockService/CountCopies OK",
    ]);
    expect(lines).toContain("Calls so far: { OK: 1, NOT_FOUND: 1 }");
  });

  test("its server tells tools what it serves, and closes on SIGTERM", async () => {
    const server = spawn("node", ["dist/serve.js"], { cwd: example, env: { ...process.env, PORT: "0" } });
    onTestFinished(() => void server.kill("SIGKILL"));
    let output = "";
    server.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    await once(server.stdout, "data");
    const address = `http://${/listening on (\S+)/.exec(output)?.[1]}`;
    const curl = (...args: string[]) => run("buf", ["curl", "--protocol", "grpc", "--http2-prior-knowledge", ...args]);
    expect((await curl("--list-methods", address)).split("\n")).toEqual(
      expect.arrayContaining(["operations.v1.StockService/CountCopies", "grpc.health.v1.Health/Check"]),
    );
    const method = `${address}/operations.v1.StockService/CountCopies`;
    expect(JSON.parse(await curl("-d", '{"title":"Emma"}', method))).toEqual({ copies: 3 });
    server.kill("SIGTERM");
    expect(await once(server, "exit")).toEqual([0, null]);
    expect(output).toMatch(/closed\n$/);
  });
});
