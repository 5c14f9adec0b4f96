import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./root.mjs";

/** A code block that is a file. The line before begins with its path in backticks. */
export const fileBlock = /^`([\w./-]+\.\w+)`[^\n]*\n\n```\w+\n(.*?)^```$/gms;

/**
 * The code blocks of a page that are files, by path.
 *
 * @param {string} document
 * @returns {ReadonlyMap<string, string>}
 */
export function filesOf(document) {
  return new Map([...document.matchAll(fileBlock)].map(([, path, text]) => [path, text]));
}

/**
 * The text of a page. The path is relative to the root.
 *
 * @param {string} document
 */
export function read(document) {
  return readFileSync(join(root, document), "utf8");
}
