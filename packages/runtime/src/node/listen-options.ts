import { textOf } from "../core/text-of.js";
import type { ServerListenOptions } from "../http2/node-server.js";

const places = ["port", "path", "fd"] as const;

/** TLS options of a server that has an identity. */
const identities = ["key", "pfx", "SNICallback", "pskCallback"] as const;

/** @throws TypeError for options that do not say where to listen, or TLS options without a key */
export function checkListenOptions(options: ServerListenOptions): void {
  const given = Object(options);
  if (!places.some((name) => given[name] !== undefined)) {
    throw new TypeError(`listen() takes { host, port } or { path }, got ${describe(options)}`);
  }
  const { tls } = options;
  if (tls !== undefined && !identities.some((name) => Object(tls)[name] !== undefined)) {
    throw new TypeError("listen() needs the key and the certificate of the server: tls: { key, cert }");
  }
}

/** Names the options that were given, without their values: they may hold a private key. */
function describe(options: unknown): string {
  return Object(options) === options
    ? `options with ${Object.keys(options as object).join(", ") || "nothing"}`
    : textOf(options);
}
