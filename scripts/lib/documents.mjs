import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "./root.mjs";

/** A code block that is a file. The line before begins with its path in backticks. */
const fileBlock = /^`([\w./-]+\.\w+)`[^\n]*\n\n```\w+\n(.*?)^```$/gms;

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
 * The code blocks of a page in some languages that are not files.
 *
 * @param {string} document
 * @param {readonly string[]} languages
 * @returns {string[]}
 */
export function bareBlocks(document, languages) {
  const blocks = document.replaceAll(fileBlock, "").matchAll(/^ *```(\w+)\n(.*?)^ *```$/gms);
  return [...blocks].filter(([, language]) => languages.includes(language)).map(([, , text]) => text);
}

/**
 * The blocks of shell commands that a reader runs.
 *
 * @param {string} document
 */
export function commandsOf(document) {
  return bareBlocks(document, ["sh"]);
}

/**
 * What programs print, by their name. A page says `It prints` of main.ts, and names other programs.
 *
 * @param {string} document
 * @returns {ReadonlyMap<string, string>}
 */
export function outputsOf(document) {
  const outputs = document.matchAll(/^(?:It|The program `src\/(\w+)\.ts`) prints\n\n```text\n(.*?)\n```$/gms);
  return new Map([...outputs].map(([, program = "main", text]) => [program, text]));
}

/**
 * Writes files into a folder, by their paths in it.
 *
 * @param {string} folder
 * @param {Iterable<readonly [path: string, text: string]>} files
 */
export function writeFiles(folder, files) {
  for (const [path, text] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

/**
 * The text of a page. The path is relative to the root.
 *
 * @param {string} document
 */
export function read(document) {
  return readFileSync(join(root, document), "utf8");
}
