import type { AddressInfo, ListenOptions } from "node:net";
import type { Duplex } from "node:stream";
import type { SecureContextOptions, TlsOptions } from "node:tls";
import { Deadline } from "../core/deadline.js";
import type { CallHandler } from "../transport/server.js";
import type { ConnectionCounts } from "./accepted-sockets.js";
import { CallAcceptor } from "./call-acceptor.js";
import { DECODED_BYTES, DECOMPRESSED_BYTES } from "./connection-limits.js";
import type { ConnectionSnapshot } from "./connection-snapshot.js";
import { nextTurn } from "./event-loop.js";
import { MemoryBudget } from "./memory-budget.js";
import { NodeServer } from "./node-server.js";
import type { NodeServerSession } from "./node-server-session.js";
import type { ServerSettings } from "./server-settings.js";

/** Listens on one address, or serves connections that something else accepts. */
export class ServerListener {
  readonly #settings: ServerSettings;
  readonly #calls: CallAcceptor;
  readonly #server: NodeServer;
  #bound: Promise<unknown> = Promise.resolve();
  #closed: Promise<void> | undefined;

  /** Whether it uses TLS itself. */
  readonly secure: boolean;

  constructor(handler: CallHandler, settings: ServerSettings, tls: TlsOptions | undefined) {
    this.secure = tls !== undefined;
    this.#settings = settings;
    this.#calls = new CallAcceptor(handler, settings);
    this.#server = new NodeServer(settings, tls, {
      onSession: (session) => this.#onSession(session),
      onStream: (stream, headers, session) => this.#calls.accept(stream, headers, session),
      onError: (error, peer) => handler.report(error, { peer }),
    });
  }

  /** Starts listening. @throws Error of node:net if the address cannot be bound */
  async listen(options: ListenOptions): Promise<AddressInfo | string> {
    const bound = this.#server.bind(options);
    this.#bound = bound.catch(() => {});
    return await bound;
  }

  /** Serves a connection that something else has accepted. */
  accept(socket: Duplex): void {
    this.#server.accept(socket);
  }

  /** Uses another certificate for new connections. @throws Error of node:tls if the options are invalid */
  setSecureContext(options: SecureContextOptions): void {
    this.#server.setSecureContext(options);
  }

  get counts(): ConnectionCounts {
    return this.#server.counts;
  }

  get connections(): readonly ConnectionSnapshot[] {
    return this.#server.connections;
  }

  get address(): string | undefined {
    return this.#server.address;
  }

  /**
   * Accepts no more calls, and waits until those in flight are over. After
   * `graceMs` milliseconds it ends them. If called several times, the grace
   * period that ends first applies.
   */
  async close(graceMs: number): Promise<void> {
    this.#closed ??= this.#bound.then(() => this.#server.close());
    const stopTimer = Deadline.after(graceMs).onExpired(() => this.#abortAll());
    await this.#closed;
    stopTimer();
  }

  #abortAll(): void {
    this.#calls.abortAll();
    // The trailers have to go out first: see NodeServerStream.release().
    nextTurn(() => nextTurn(() => this.#server.destroy()));
  }

  #onSession(session: NodeServerSession): void {
    // The client was just connecting when the server was closed. It may already have sent calls.
    if (this.#closed !== undefined) session.retire("shutdown");
    const { maxReceiveBytes } = this.#settings;
    session.memory = {
      decompressed: new MemoryBudget(Math.max(DECOMPRESSED_BYTES, maxReceiveBytes)),
      decoded: new MemoryBudget(Math.max(DECODED_BYTES, 4 * maxReceiveBytes)),
    };
  }
}
