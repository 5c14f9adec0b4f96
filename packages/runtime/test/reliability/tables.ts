import { attack } from "./attack/table.js";
import { overloads } from "./chaos/overload.js";
import { chaos } from "./chaos/table.js";
import { compare } from "./compare/table.js";
import type { Table } from "./scenario.js";

/** The tables of docs/reliability.md. */
export const tables: Readonly<Record<string, Table>> = { chaos, overload: overloads, attack, compare };
