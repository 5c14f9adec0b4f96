import type { AddressInfo } from "node:net";
import { Duplex } from "node:stream";
import type { SecureContextOptions } from "node:tls";
import * as checkNumber from "../core/check-number.js";
import { checkOptions, type OptionNames } from "../core/check-options.js";
import { pause } from "../core/pause.js";
import { runSafely } from "../core/run-safely.js";
import { textOf } from "../core/text-of.js";
import { tryOrUndefined } from "../core/try-or-undefined.js";
import type { ConnectionCounts } from "../http2/accepted-sockets.js";
import { checkBoolean } from "../http2/check-boolean.js";
import type { ServerListenOptions } from "../http2/node-server.js";
import { ServerListener } from "../http2/server-listener.js";
import {
  type Http2ServerOptions,
  http2ServerOptionNames,
  type ServerSettings,
  serverSettings,
} from "../http2/server-settings.js";
import { Dispatcher, type DispatcherOptions, dispatcherOptionNames } from "../server/dispatcher.js";
import { checkInterceptors } from "../server/interceptor.js";
import type { Service } from "../server/service.js";
import { checkListenOptions } from "./listen-options.js";
import { propagate } from "./propagation.js";
import { type ServerSnapshot, type ServerStage, serverSnapshot } from "./server-snapshot.js";
import { takeTurn } from "./turns.js";

/** Options of a {@link Server}. */
export interface ServerOptions extends DispatcherOptions, Http2ServerOptions {
  /**
   * Whether calls that handlers and interceptors make inherit the deadline and the
   * cancellation of the incoming call even without `parent: context`. See also `forwardMetadata()`. Default: false.
   */
  readonly propagation?: boolean | undefined;
}

const optionNames: OptionNames<ServerOptions> = {
  ...dispatcherOptionNames,
  ...http2ServerOptionNames,
  propagation: true,
};

/** How a server is closed. */
export interface CloseOptions {
  /**
   * How long the server continues as before, in milliseconds, after its health service
   * has become NOT_SERVING, so that load balancers can stop sending calls. Default: 0.
   */
  readonly lameDuck?: number | undefined;
  /** How long calls in flight may continue, in milliseconds. Default: 10 000. */
  readonly grace?: number | undefined;
}

const closeOptionNames: OptionNames<CloseOptions> = { lameDuck: true, grace: true };

/** The checked options of `close()`. @throws TypeError if one is invalid */
export function closePeriods(owner: string, options: CloseOptions): readonly [grace: number, lameDuck: number] {
  checkOptions(owner, options, closeOptionNames);
  const { grace = 10_000, lameDuck = 0 } = options;
  return [checkNumber.milliseconds("grace", grace), checkNumber.milliseconds("lameDuck", lameDuck)];
}

/**
 * A gRPC server over `node:http2`.
 *
 * ```ts
 * const server = new Server([new Library()]);
 * const { port } = await server.listen({ host: "127.0.0.1", port: 0 });
 * ```
 */
export class Server {
  readonly #services: readonly Service[];
  readonly #dispatcher: Dispatcher;
  readonly #settings: ServerSettings;
  readonly #listeners = new Set<ServerListener>();
  /** Serves the connections of `accept()`. */
  #acceptor: ServerListener | undefined;
  #stage: ServerStage = "open";
  readonly #since = Date.now();
  /** Aborts when the server sends GOAWAY on its connections. */
  readonly #closing = new AbortController();

  /**
   * @param services instances of generated bases
   * @throws TypeError if a value is not a service, a method is missing, a service is passed twice, or an option is
   *   invalid
   */
  constructor(services: readonly Service[], options: ServerOptions = {}) {
    checkOptions("A server", options, optionNames);
    this.#dispatcher = new Dispatcher(services, withDefaultContracts(withPropagation(options)), takeTurn);
    this.#settings = serverSettings(options);
    this.#services = [...services];
    this.#dispatcher.announce(this.#services);
  }

  /**
   * Starts to listen on an address, and to accept calls. It can be called several
   * times, for different addresses.
   *
   * @returns the address that was bound, with port 0 for a unix socket (`path`)
   * @throws TypeError for options that do not say where to listen, or TLS options without a key; Error from node:net if the address cannot be bound; Error if the server has been closed
   */
  async listen(options: ServerListenOptions): Promise<AddressInfo> {
    checkListenOptions(options);
    this.#checkOpen();
    const { tls, ...listenOptions } = options;
    const listener = new ServerListener(this.#dispatcher, this.#settings, tls);
    this.#listeners.add(listener);
    const address = await listener.listen(listenOptions).catch((error: unknown) => {
      this.#listeners.delete(listener);
      throw error;
    });
    this.#checkOpen();
    return typeof address === "string" ? { address, family: "unix", port: 0 } : address;
  }

  /**
   * Serves a connection that your program has accepted: a socket of `node:net`, one
   * of `node:tls` that has agreed on `h2`, or any other stream of bytes.
   *
   * ```ts
   * import { createServer } from "node:net";
   *
   * const server = new Server([new Library()]);
   * createServer((socket) => server.accept(socket)).listen(50051);
   * ```
   *
   * A socket that is still connecting is served once it has connected. `close()` also closes these connections. A
   * server that accepts them is yours to close before.
   *
   * @throws TypeError if it is not a stream; Error if the server has been closed
   */
  accept(socket: Duplex): void {
    if (!(socket instanceof Duplex)) throw new TypeError(`accept() takes a socket, got ${textOf(socket)}`);
    this.#checkOpen();
    if (this.#acceptor === undefined) {
      this.#acceptor = new ServerListener(this.#dispatcher, this.#settings, undefined);
      this.#listeners.add(this.#acceptor);
    }
    this.#acceptor.server.accept(socket);
  }

  /**
   * Uses another certificate for new connections, on all addresses with TLS: pass
   * `key` and `cert`, or `pfx`, with the `passphrase` if there is one. Other options
   * stay as they are, unless they are passed, too.
   *
   * @throws TypeError if the server does not listen with TLS; Error of node:tls if the options are invalid, and the
   *   certificates stay as they are
   */
  setSecureContext(options: SecureContextOptions): void {
    const secure = [...this.#listeners].filter((listener) => listener.secure);
    if (secure.length === 0) throw new TypeError("setSecureContext() needs a server that listens with TLS");
    for (const listener of secure) listener.server.setSecureContext(options);
  }

  /** How many connections the server has, as a record of its own. Counting takes time in proportion to them. */
  get connections(): ConnectionCounts {
    const counts = [...this.#listeners].map((listener) => listener.server.counts);
    const sum = (name: "open" | "idle" | "connecting") => counts.reduce((total, each) => total + each[name], 0);
    return { open: sum("open"), idle: sum("idle"), connecting: sum("connecting"), ...this.#settings.past };
  }

  /**
   * The server at this moment, as plain data for a debug page: its connections, and
   * what became of its calls. It has no metadata, error details or messages of calls. It
   * takes time in proportion to the connections. Show it only to people who may see
   * the addresses of clients, and escape its texts in HTML: clients choose some of them.
   */
  snapshot(): ServerSnapshot {
    return serverSnapshot({
      since: this.#since,
      stage: this.#stage,
      listeners: this.#listeners,
      counts: this.connections,
      calls: this.#settings.tally.counts,
    });
  }

  /**
   * After the lame duck period, stops accepting connections and calls, and lets
   * calls in flight finish. After the grace period, the remaining calls are answered
   * with UNAVAILABLE. Resolves when all connections are closed. It can be called
   * again, for example with a shorter grace period, which also ends the lame duck
   * period.
   *
   * @throws TypeError for an unknown option, or a period that is not a number of milliseconds; the server then
   *   stays open
   */
  async close(options: CloseOptions = {}): Promise<void> {
    const [grace, lameDuck] = closePeriods("close()", options);
    if (this.#stage === "open") this.#enter("lame duck", "$onLameDuck");
    if (this.#stage === "lame duck" && lameDuck > 0) await pause(lameDuck, this.#closing.signal);
    if (this.#stage === "lame duck") {
      this.#closing.abort();
      this.#enter("closing", "$onServerClosing");
    }
    await Promise.all([...this.#listeners].map((listener) => listener.close(grace)));
  }

  #enter(stage: Exclude<ServerStage, "open">, hook: "$onLameDuck" | "$onServerClosing"): void {
    this.#stage = stage;
    for (const service of this.#services) {
      void runSafely(
        () => service[hook]?.(),
        (error) => this.#dispatcher.report(error, {}),
      );
    }
  }

  #checkOpen(): void {
    if (this.#stage === "closing") throw new Error("The server has been closed. Create a new one to listen again.");
  }

  /** Closes the server with the default grace period. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

function withDefaultContracts(options: DispatcherOptions): DispatcherOptions {
  if (options.contracts !== undefined) return options;
  // Deno throws if the program may not read the environment.
  const production = tryOrUndefined(() => process.env["NODE_ENV"]) === "production";
  return { ...options, contracts: production ? "off" : "report" };
}

function withPropagation(options: ServerOptions): DispatcherOptions {
  const { propagation = false, interceptors = [] } = options;
  return checkBoolean("propagation", propagation)
    ? { ...options, interceptors: [propagate(), ...checkInterceptors(interceptors)] }
    : options;
}
