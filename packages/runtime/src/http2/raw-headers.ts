import type { OutgoingHttpHeaders } from "node:http2";
import type { RawHeaders } from "../wire/headers.js";

/** The raw headers: node:http2 passes them as the last argument of an event, which its types leave out. */
export function rawHeaders(rest: readonly unknown[]): RawHeaders {
  const last = rest.at(-1);
  return Array.isArray(last) ? last : [];
}

/**
 * The same headers, for requests that are made again and again: from Node 22.17
 * and 24.2 on, raw headers take less of its time. Its types do not know of them.
 */
export function quickHeaders(headers: OutgoingHttpHeaders): OutgoingHttpHeaders {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const takesRaw = major > 24 || (major === 24 && minor >= 2) || (major === 22 && minor >= 17);
  return takesRaw ? (Object.entries(headers).flat() as unknown as OutgoingHttpHeaders) : { ...headers };
}
