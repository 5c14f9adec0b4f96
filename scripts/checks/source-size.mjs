import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../lib/failure.mjs";
import { root } from "../lib/root.mjs";

const rooms = ["core", "wire", "client", "server", "http2"];
const limit = 3750;

/**
 * The rooms that hold the protocol stay small together. Lines of code count, comments do not: whoever explains something
 * shall not have to delete something else. (Biome limits the length of a single file, comments included.)
 */
export async function sourceSize() {
  const sizes = rooms.map((room) => ({ room, lines: linesIn(join(root, "packages/runtime/src", room)) }));
  const total = sizes.reduce((sum, { lines }) => sum + lines, 0);
  if (total > limit) {
    const each = sizes.map(({ room, lines }) => `${room} ${lines}`).join(", ");
    throw new Failure(`${total} lines, ${limit} are allowed: ${each}`);
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
