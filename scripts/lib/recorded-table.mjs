import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "./failure.mjs";
import { root } from "./root.mjs";

/**
 * Writes rows to the table on a page that begins with `head`. Rows with the same first cells replace those that are
 * there; others are added.
 *
 * @param keyCells the number of cells that identify a row
 */
export function recordRows({ page, head, keyCells }, rows) {
  const path = join(root, page);
  const text = readFileSync(path, "utf8");
  const start = text.indexOf(head) + head.length;
  // The head ends with a line break, so an empty table ends before it starts.
  const end = text.indexOf("\n\n", start - 1);
  if (start < head.length || end < 0) throw new Failure(`${page} does not contain the table\n${head}`);
  const present = text.slice(start, end).split("\n").filter(Boolean);
  const keyOf = (row) => row.split(" | ").slice(0, keyCells).join(" | ");
  const all = new Map([...present, ...rows].map((row) => [keyOf(row), row]));
  writeFileSync(path, text.slice(0, start) + [...all.values()].join("\n") + text.slice(end));
}
