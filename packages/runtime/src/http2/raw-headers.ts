import type { OutgoingHeaders, RawHeaders } from "../wire/headers.js";

/** The raw headers of an event of node:http2: its last argument, which the types of Node leave out. */
export function rawHeaders(rest: readonly unknown[]): RawHeaders {
  const last = rest.at(-1);
  return Array.isArray(last) ? last : [];
}

/** For each major version of Node, the minor version since which a method takes raw headers. The types omit it. */
const takesRawSince: Readonly<Record<"request" | "respond", { readonly [major: number]: number }>> = {
  request: { 22: 17, 24: 2 },
  respond: { 22: 20, 24: 7 },
};

/**
 * Converts headers that are sent many times into the form that costs least: a
 * flat list of names and values, which node:http2 has to process less, where it
 * takes that (see the versions above).
 */
export function reusableHeaders(headers: OutgoingHeaders, sender: keyof typeof takesRawSince): OutgoingHeaders {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const takesRaw = major > 24 || minor >= (takesRawSince[sender][major] ?? Number.POSITIVE_INFINITY);
  return takesRaw ? (Object.entries(headers).flat() as unknown as OutgoingHeaders) : { ...headers };
}

/** Adds headers that are sent once, of other names, to reusable ones. */
export function withHeaders(reusable: OutgoingHeaders, others: OutgoingHeaders): OutgoingHeaders {
  if (!Array.isArray(reusable)) return { ...reusable, ...others };
  const list: string[] = reusable.slice();
  for (const name in others) {
    // Stryker disable next-line ArrayDeclaration: the header exists
    const values = others[name] ?? [];
    if (typeof values === "string") list.push(name, values);
    else for (const value of values) list.push(name, value);
  }
  return list as unknown as OutgoingHeaders;
}
