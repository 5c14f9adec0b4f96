import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Random } from "../random.js";
import type { LibraryName } from "./libraries.js";
import type { PeakMemory } from "./peak-memory.js";

/** What a scenario runs with. Each run has a process of its own. */
export interface Setting {
  readonly library: LibraryName;
  readonly random: Random;
  /** A file for the ledger of server processes. */
  readonly ledger: string;
  /** The memory of this process. */
  readonly memory: PeakMemory;
  /** Shows progress. */
  readonly print: (line: string) => void;
}

/** A row of a table, without the cells that name the scenario and the library. */
export interface Result {
  readonly cells: readonly (string | number)[];
  /** The bounds that were broken. Only those of this library count. */
  readonly problems: readonly string[];
  /** What is compared with the other library, by the names of the cases. */
  readonly figures?: Readonly<Record<string, Figures>>;
}

/** What is compared between the libraries. Less is better. */
export interface Figures {
  /** The calls that failed or hang. */
  readonly failed: number;
  /** The time until the peer works again, in milliseconds. */
  readonly recovery: number;
  /** The lines that a server has printed. */
  readonly lines: number;
}

/** Runs with one library. */
export type Scenario = (setting: Setting) => Promise<Result>;

/** A table of docs/reliability.md. */
export interface Table {
  /** The heads of the columns, without those that name the scenario, the library and the version of Node. */
  readonly columns: readonly string[];
  readonly scenarios: Readonly<Record<string, Scenario>>;
  /** @returns the problems of this library in comparison with the other one. Default: it is not compared. */
  readonly compare?: (ours: Result, theirs: Result) => readonly string[];
}

/** Runs an action with the path of an empty file, which is deleted afterwards. */
export async function withLedger<T>(action: (path: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "reliability-"));
  try {
    const path = join(folder, "ledger");
    writeFileSync(path, "");
    return await action(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A problem for each condition that holds. */
export function problemsIf(conditions: Readonly<Record<string, boolean>>): readonly string[] {
  return Object.entries(conditions)
    .filter(([, holds]) => holds)
    .map(([problem]) => problem);
}
