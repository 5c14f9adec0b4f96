import { type LookupAddress, lookup as lookupByDns } from "node:dns";
import { isIP } from "node:net";
import type { Duplex } from "node:stream";
import { isError } from "../core/is-error.js";
import { runSafely } from "../core/run-safely.js";
import { timestamp } from "../core/timestamp.js";
import { peerOf, type Target } from "../wire/address.js";

/** Where a server is reached: a host and a port, the path of a unix socket, or a connection that has been established. */
export type SocketAddress =
  | { readonly host: string; readonly port: number }
  | { readonly path: string }
  | { readonly socket: Duplex };

/** Finds the addresses of a server. */
export interface AddressSource {
  /**
   * Finds the addresses, in the order in which to try them. The callback gets an
   * error if that fails.
   *
   * @returns a function that gives up
   */
  resolve(callback: (error: Error | undefined, addresses: readonly SocketAddress[]) => void): () => void;
  /** The server could not be reached at this address. */
  onFailed?(address: SocketAddress): void;
  /** The server was reached at this address. */
  onConnected?(address: SocketAddress): void;
  /** The addresses that were found last. */
  describe?(): readonly AddressSnapshot[];
}

/** An address of a server, as plain data. */
export interface AddressSnapshot {
  /** `host:port`, or `unix:/path`. */
  readonly address: string;
  /**
   * When the server could not be reached there, in the form
   * `2026-01-31T12:00:00.000Z`; left out if it has been reached since, or 2 minutes have passed.
   */
  readonly failedAt?: string;
  /** The HTTP proxy through which the server is reached there, as `host:port`; left out if there is none. */
  readonly proxy?: string;
}

/** Finds the addresses of a host name, as `dns.lookup()` does. */
export type Lookup = typeof lookupByDns;

/** How long an address that has failed is tried after the others, in milliseconds. */
const FAILED_MS = 120_000;

/**
 * The addresses of one server, in the order in which to try them: those of both
 * families in turn, and those that have failed lately at the end.
 *
 * @see https://github.com/grpc/proposal/blob/master/A61-IPv4-IPv6-dualstack-backends.md
 * @see https://www.rfc-editor.org/rfc/rfc8305#section-4
 */
export class Addresses implements AddressSource {
  readonly #target: Target;
  readonly #lookup: Lookup;
  /** When each address has failed last. */
  readonly #failures = new Map<string, number>();
  #found: readonly SocketAddress[] = [];

  constructor(target: Target, lookup: Lookup = lookupByDns) {
    this.#target = target;
    this.#lookup = lookup;
  }

  resolve(callback: (error: Error | undefined, addresses: readonly SocketAddress[]) => void): () => void {
    const { host = "", port = 0, path } = this.#target;
    const known = path !== undefined ? { path } : isIP(host) === 0 ? undefined : { host, port };
    const onFound: typeof callback = (error, found) => {
      if (error === undefined) this.#found = found;
      callback(error, found);
    };
    if (known !== undefined) onFound(undefined, [known]);
    else this.#lookUp(host, port, onFound);
    return () => {};
  }

  describe(): readonly AddressSnapshot[] {
    return this.#found.map((each) => {
      const failure = "host" in each && this.#failedLately(each.host) ? this.#failures.get(each.host) : undefined;
      const failedAt = failure && timestamp(performance.timeOrigin + failure);
      return { address: nameOf(each), ...(failedAt ? { failedAt } : {}) };
    });
  }

  #lookUp(host: string, port: number, callback: Parameters<AddressSource["resolve"]>[0]): void {
    // A function of the program may do anything.
    const onFound = (error: unknown, found: unknown) => {
      const known = [found].flat().filter((each) => typeof Object(each).address === "string");
      const hosts = alternate(known as LookupAddress[]).map(({ address }) => address);
      if (error || hosts.length === 0) return callback(isError(error) ? error : notFound(host, error), []);
      // Forgets old failures, also of hosts that are gone.
      for (const each of this.#failures.keys()) this.#failedLately(each);
      const failed = hosts.filter((each) => this.#failedLately(each));
      const others = hosts.filter((each) => !failed.includes(each));
      callback(
        undefined,
        [...others, ...failed].map((each) => ({ host: each, port })),
      );
    };
    void runSafely(
      () => this.#lookup(host, { all: true }, onFound),
      (error) => onFound(error, []),
    );
  }

  onFailed(address: SocketAddress): void {
    if ("host" in address) this.#failures.set(address.host, performance.now());
  }

  onConnected(address: SocketAddress): void {
    if ("host" in address) this.#failures.delete(address.host);
  }

  #failedLately(host: string): boolean {
    const time = this.#failures.get(host);
    if (time === undefined) return false;
    if (performance.now() - time < FAILED_MS) return true;
    this.#failures.delete(host);
    return false;
  }
}

function notFound(host: string, cause: unknown): Error {
  const list = `[{ address: "192.0.2.1", family: 4 }]`;
  return new Error(`tls.lookup found no address of ${host}. It must call back with a list such as ${list}.`, { cause });
}

function nameOf(address: SocketAddress): string {
  if ("path" in address) return `unix:${address.path}`;
  if ("socket" in address) return peerOf(address.socket);
  return address.host.includes(":") ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}

/** Takes addresses of the two families in turn, beginning with that of the first address. */
function alternate(addresses: readonly LookupAddress[]): readonly LookupAddress[] {
  const first = addresses.filter(({ family }) => family === addresses[0]?.family);
  const second = addresses.filter(({ family }) => family !== addresses[0]?.family);
  const ordered: LookupAddress[] = [];
  for (let index = 0; index < Math.max(first.length, second.length); index++) {
    ordered.push(...first.slice(index, index + 1), ...second.slice(index, index + 1));
  }
  return ordered;
}
