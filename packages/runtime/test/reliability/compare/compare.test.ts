import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { seeded } from "../../random.js";
import { type LibraryName, libraries } from "../libraries.js";
import { PeakMemory } from "../peak-memory.js";
import type { Figures, Result } from "../scenario.js";
import { withLedger } from "../scenario.js";
import { compare } from "./table.js";

// `npm run compare` runs all situations. These are the quick ones, so that neither they nor the harness go stale.

async function run(name: string, library: LibraryName): Promise<Result & { readonly lines: readonly string[] }> {
  const lines: string[] = [];
  const scenario = compare.scenarios[name];
  if (scenario === undefined) throw new Error(`There is no scenario ${name}`);
  const result = await withLedger((ledger) =>
    scenario({ library, ledger, random: seeded(1), memory: new PeakMemory(), print: (line) => lines.push(line) }),
  );
  return { ...result, lines };
}

const quick = ["refused streams", "goaway", "large errors"].flatMap((name) =>
  libraries.map((library) => [name, library] as const),
);

test.for([...quick, ["final dot", "grpclib-ts"] as const])("%s, %s: no call fails", async ([name, library]) => {
  const { cells, problems, figures = {}, lines } = await run(name, library);
  expect(cells).toHaveLength(compare.columns.length);
  expect(problems).toEqual([]);
  expect(Object.keys(figures)).toHaveLength(lines.length);
  expect(Object.values(figures)).not.toHaveLength(0);
  for (const { failed, lines } of Object.values(figures)) expect({ failed, lines }).toEqual({ failed: 0, lines: 0 });
});

const none: Figures = { failed: 0, recovery: 1000, lines: 0 };
const withFigures = (figures: Partial<Figures>): Result => ({
  cells: [],
  problems: [],
  figures: { name: { ...none, ...figures } },
});

test.for<[ours: Partial<Figures>, theirs: Partial<Figures>, problems: readonly string[]]>([
  [{}, {}, []],
  [{ failed: 2, lines: 1 }, { failed: 2, lines: 1 }, []],
  [{ failed: 3 }, { failed: 2 }, ["name: 3 calls failed, 2 with grpc-js"]],
  [{ lines: 1 }, {}, ["name: 1 lines printed, 0 with grpc-js"]],
  // A quarter and 150 ms.
  [{ recovery: 1400 }, {}, []],
  [{ recovery: 1401 }, {}, ["name: 1401 ms to recover, 1000 with grpc-js"]],
])("%j against %j: %j", ([ours, theirs, problems]) => {
  expect(compare.compare?.(withFigures(ours), withFigures(theirs))).toEqual(problems);
});

test("a library whose process has ended has no figures", () => {
  const ended: Result = { cells: [], problems: ["the scenario ended with code 1"] };
  expect(compare.compare?.(withFigures({ failed: 1 }), ended)).toEqual([]);
});

test("docs/reliability.md says what happens in each situation", () => {
  const page = readFileSync(new URL("../../../../../docs/reliability.md", import.meta.url), "utf8");
  const section = page.slice(page.indexOf("## In comparison with grpc-js"));
  for (const name of Object.keys(compare.scenarios)) expect(section).toContain(`\n| ${name} | `);
});
