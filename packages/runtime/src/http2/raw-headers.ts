import type { OutgoingHeaders, RawHeaders } from "../wire/headers.js";

/** The raw headers: node:http2 passes them as the last argument of an event, which its types leave out. */
export function rawHeaders(rest: readonly unknown[]): RawHeaders {
  const last = rest.at(-1);
  return Array.isArray(last) ? last : [];
}

/** The minor versions of Node from which on these take raw headers; its types do not know of that. */
const takesRawSince: Readonly<Record<"request" | "respond", { readonly [major: number]: number }>> = {
  request: { 22: 17, 24: 2 },
  respond: { 22: 20, 24: 7 },
};

/** The same headers, to be sent again and again: where raw headers are taken, they are less work for node:http2. */
export function quickHeaders(headers: OutgoingHeaders, sender: keyof typeof takesRawSince): OutgoingHeaders {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const takesRaw = major > 24 || minor >= (takesRawSince[sender][major] ?? Number.POSITIVE_INFINITY);
  return takesRaw ? (Object.entries(headers).flat() as unknown as OutgoingHeaders) : { ...headers };
}
