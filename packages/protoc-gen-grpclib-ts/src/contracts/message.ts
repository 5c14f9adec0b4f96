import type { DeclaredError } from "./declared-error.js";

/** What has a meaning in the message of an error: `{{` and `}}`, which stand for braces, and variables in braces. */
const tokens = /\{\{|\}\}|\{([^{}]*)\}/g;

/** The variables in the message of an error, without duplicates, in their order. */
export function variablesIn(message: string): string[] {
  return [...new Set([...message.matchAll(tokens)].flatMap(([, variable]) => variable ?? []))];
}

/** The first brace in the message of an error that is not part of a pair; `undefined` if there is none. */
export function singleBrace(message: string): string | undefined {
  return /[{}]/.exec(message.replaceAll(tokens, ""))?.[0];
}

/** The key of the translations of an error with a reason, such as `library.example.com/BOOK_NOT_FOUND`. */
export function translationKey({ domain, reason }: DeclaredError): string {
  return `${domain}/${reason}`;
}
