// Runs one scenario with one library, in a process of its own so that its memory can be measured. Its arguments are the
// table, the scenario, the library and the seed.
import { seeded } from "../../random.js";
import type { LibraryName } from "../libraries.js";
import { PeakMemory } from "../peak-memory.js";
import { withLedger } from "../scenario.js";
import { tables } from "../tables.js";

const [, , table = "", name = "", library, seed] = process.argv;
const scenario = tables[table]?.scenarios[name];
if (scenario === undefined) throw new Error(`There is no scenario ${name} in the table ${table}`);
const memory = new PeakMemory();
const result = await withLedger((ledger) =>
  scenario({ library: library as LibraryName, random: seeded(Number(seed)), ledger, memory, print: console.log }),
);
process.send?.(result, () => process.exit());
