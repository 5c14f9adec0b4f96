import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../lib/failure.mjs";
import { root } from "../lib/root.mjs";

const path = "docs/runtimes.md";
const end = "<!-- End of the table -->\n";

/** Whether to write the tables to the page instead of comparing them. */
const record = process.argv.includes("--record");

/**
 * Compares tables with those on the page, or writes them to it with `--record`.
 *
 * @param tables their lines, by the names of the tables on the page
 */
export function checkPage(tables) {
  const page = readFileSync(join(root, path), "utf8");
  const updated = Object.entries(tables).reduce((text, [name, lines]) => withTable(text, name, lines), page);
  if (updated === page) return;
  if (!record) throw new Failure(`${path} shows other results. To write these: npm run test:runtimes -- --record`);
  writeFileSync(join(root, path), updated);
}

function withTable(page, name, lines) {
  const begin = `<!-- ${name}: npm run test:runtimes -- --record -->\n`;
  const [before, rest] = page.split(begin);
  const after = rest?.split(end).slice(1).join(end);
  if (after === undefined) throw new Failure(`${path} must contain the lines ${begin.trim()} and ${end.trim()}`);
  return `${before}${begin}\n${lines.join("")}\n${end}${after}`;
}
