import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../scripts/lib/root.mjs";

/** A code block that is a file. The line before begins with its path in backticks. */
export const fileBlock = /^`([\w./-]+\.\w+)`[^\n]*\n\n```\w+\n(.*?)^```$/gms;

/** The code blocks that are files, by path. */
export function filesOf(document: string): ReadonlyMap<string, string> {
  return new Map([...document.matchAll(fileBlock)].map(([, path, text]) => [path ?? "", text ?? ""]));
}

/** The text of a page. The path is relative to the root. */
export function read(document: string): string {
  return readFileSync(join(root, document), "utf8");
}
