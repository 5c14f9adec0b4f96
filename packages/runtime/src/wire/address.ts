import { textOf } from "../core/text-of.js";

/** The address that a client connects to. */
export interface Target {
  /** For the `:scheme` header. */
  readonly scheme: "http" | "https";
  /** For the `:authority` header. */
  readonly authority: string;
  /** The server as errors name it: `host:port`, also if it is the default port, or `unix:/path`. */
  readonly name: string;
  readonly host: string | undefined;
  /** The name in the certificate; `undefined` for a unix socket, unless it is known. */
  readonly serverName: string | undefined;
  readonly port: number | undefined;
  /** The path of a unix socket, instead of host and port. */
  readonly path: string | undefined;
}

/**
 * Parses the address of a server: `http://host:port`, `https://host:port` or
 * `unix:/path/to/socket`.
 *
 * @param tls the TLS options, if there are any
 * @throws TypeError if the address has another form, or is `http://` although there are TLS options
 */
export function parseAddress(given: string | URL, tls: object | undefined): Target {
  const address = textOf(given);
  if (address.startsWith("unix:")) {
    const path = address.slice("unix:".length).replace(/^\/\/(?=\/)/, "");
    if (path === "" || path.startsWith("//")) throw invalid(address);
    return {
      scheme: tls ? "https" : "http",
      authority: "localhost",
      name: `unix:${path}`,
      host: undefined,
      serverName: undefined,
      port: undefined,
      path,
    };
  }
  if (!URL.canParse(address)) throw invalid(address);
  const { protocol, host: authority, hostname, port } = new URL(address);
  const onlyHostAndPort = /^https?:\/\/[^/?#@]+\/?$/i.test(address);
  if (!onlyHostAndPort || port === "0") throw invalid(address);
  const scheme = protocol === "https:" ? "https" : "http";
  if (tls && scheme === "http") throw new TypeError(`${address}: the tls option requires an https:// address`);
  const host = hostname.replace(/[[\]]/g, "");
  const numericPort = port === "" ? (scheme === "https" ? 443 : 80) : Number(port);
  return {
    scheme,
    authority,
    name: `${hostname}:${numericPort}`,
    host,
    serverName: host,
    port: numericPort,
    path: undefined,
  };
}

/**
 * The same target, by another name.
 *
 * @param authority `host` or `host:port`
 * @throws TypeError if it has another form
 */
export function withAuthority(target: Target, authority: string): Target {
  if (!/^[^/?#@\s]+$/.test(textOf(authority)) || !URL.canParse(`http://${authority}`)) {
    throw new TypeError(`authority takes "host" or "host:port", got ${quoteAddress(textOf(authority))}`);
  }
  const { hostname } = new URL(`http://${authority}`);
  return { ...target, authority, serverName: hostname.replace(/[[\]]/g, "") };
}

/** The properties of a socket that `peerOf()` uses. */
interface ConnectedSocket {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
  readonly destroyed: boolean;
}

/** The address of a socket's peer, such as `127.0.0.1:50051`. Only available while the socket is connected. */
export function peerOf({ remoteAddress, remotePort, destroyed }: ConnectedSocket): string {
  if (remoteAddress === undefined) return destroyed ? "unknown address" : "unix socket";
  return remoteAddress.includes(":") ? `[${remoteAddress}]:${remotePort}` : `${remoteAddress}:${remotePort}`;
}

/** An address in quotes, for the text of an error: without the user and the password that may precede the host. */
export function quoteAddress(address: string): string {
  return JSON.stringify(address.replace(/^(\w+:\/\/)?.*@/s, "$1***@"));
}

function invalid(address: string): TypeError {
  return new TypeError(
    `Invalid address ${quoteAddress(address)}: use "http://host:port", "https://host:port" or "unix:/path"`,
  );
}
