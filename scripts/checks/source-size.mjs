import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../lib/failure.mjs";
import { root } from "../lib/root.mjs";

/** Lines of code that each room may have. */
const limits = { core: 1350, wire: 900, client: 1350, server: 800, http2: 1750 };

/**
 * The rooms that hold the protocol stay small. Lines of code count, comments do not: whoever explains something shall not
 * have to delete something else. (Biome limits the length of a single file, comments included.)
 */
export async function sourceSize() {
  const tooLarge = Object.entries(limits)
    .map(([room, limit]) => ({ room, limit, lines: linesIn(join(root, "packages/runtime/src", room)) }))
    .filter(({ limit, lines }) => lines > limit);
  if (tooLarge.length > 0) {
    const each = tooLarge.map(({ room, limit, lines }) => `${room} has ${lines} lines, ${limit} are allowed`);
    throw new Failure(each.join("; "));
  }
}

function linesIn(folder) {
  return readdirSync(folder)
    .map((file) => readFileSync(join(folder, file), "utf8").split("\n").filter(isCode).length)
    .reduce((sum, lines) => sum + lines, 0);
}

/** Whether a line is neither blank nor part of a comment that has lines of its own. */
function isCode(line) {
  return !/^\s*(\/\/.*|\/?\*.*)?$/.test(line);
}
