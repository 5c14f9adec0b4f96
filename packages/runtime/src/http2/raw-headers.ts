import type { RawHeaders } from "../wire/headers.js";

/** The raw headers: node:http2 passes them as the last argument of an event, which its types leave out. */
export function rawHeaders(rest: readonly unknown[]): RawHeaders {
  const last = rest.at(-1);
  return Array.isArray(last) ? last : [];
}
