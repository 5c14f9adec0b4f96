import type { AddressInfo } from "node:net";
import { checkNumber } from "../core/check-number.js";
import type { ServerListenOptions } from "../http2/node-server.js";
import { ServerListener } from "../http2/server-listener.js";
import { type Http2ServerOptions, type ServerSettings, serverSettings } from "../http2/server-settings.js";
import { Dispatcher, type DispatcherOptions } from "../server/dispatcher.js";
import type { Service } from "../server/service.js";
import { takeTurn } from "./turns.js";

/** Options of a {@link Server}. */
export interface ServerOptions extends DispatcherOptions, Http2ServerOptions {}

/** How a server is closed. */
export interface CloseOptions {
  /** How long calls that are under way may go on, in milliseconds. Default: 10 000. */
  readonly grace?: number | undefined;
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
  readonly #dispatcher: Dispatcher;
  readonly #settings: ServerSettings;
  readonly #listeners = new Set<ServerListener>();
  #closed = false;

  /**
   * @param services instances of generated bases
   * @throws TypeError if something is no service, a method is missing, a service comes twice, or an option is wrong
   */
  constructor(services: readonly Service[], options: ServerOptions = {}) {
    this.#dispatcher = new Dispatcher(services, options, takeTurn);
    this.#settings = serverSettings(options);
  }

  /**
   * Listens on an address, and takes calls from then on. It can be called
   * several times, for several addresses.
   *
   * @returns the address that was bound; for a unix socket (`path`) port 0
   * @throws Error of node:net if the address cannot be bound, or if the server has been closed
   */
  async listen(options: ServerListenOptions): Promise<AddressInfo> {
    this.#checkOpen();
    const { tls, ...listenOptions } = options;
    const listener = new ServerListener(this.#dispatcher, this.#settings, tls);
    this.#listeners.add(listener);
    const address = await listener.listen(listenOptions);
    this.#checkOpen();
    return typeof address === "string" ? { address, family: "unix", port: 0 } : address;
  }

  /**
   * Takes no more connections and calls, and lets calls that are under way
   * finish; after the grace period the rest is answered with UNAVAILABLE.
   * Resolves when all connections are closed. It can be called again, with a
   * shorter grace period too.
   *
   * @throws TypeError for a grace period that is no number of milliseconds; the server is not closed then
   */
  async close({ grace = 10_000 }: CloseOptions = {}): Promise<void> {
    checkNumber("grace", grace, "milliseconds");
    this.#closed = true;
    await Promise.all([...this.#listeners].map((listener) => listener.close(grace)));
  }

  #checkOpen(): void {
    if (this.#closed) throw new Error("The server has been closed: make a new one to listen again");
  }

  /** Closes the server with the default grace period. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
