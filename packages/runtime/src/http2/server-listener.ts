import type { AddressInfo, ListenOptions } from "node:net";
import type { TlsOptions } from "node:tls";
import { Deadline } from "../core/deadline.js";
import type { CallHandler } from "../transport/server.js";
import { CallAcceptor } from "./call-acceptor.js";
import { DECODED_BYTES, DECOMPRESSED_BYTES } from "./connection-limits.js";
import { nextTurn } from "./event-loop.js";
import { MemoryBudget } from "./memory-budget.js";
import { NodeServer } from "./node-server.js";
import type { NodeServerSession } from "./node-server-session.js";
import type { ServerSettings } from "./server-settings.js";

/** Listens on one address, or serves connections that something else accepts. */
export class ServerListener {
  readonly #settings: ServerSettings;
  readonly #calls: CallAcceptor;
  #bound: Promise<unknown> = Promise.resolve();
  #closed: Promise<void> | undefined;

  /** Whether it uses TLS itself. */
  readonly secure: boolean;
  readonly server: NodeServer;

  constructor(handler: CallHandler, settings: ServerSettings, tls: TlsOptions | undefined) {
    this.secure = tls !== undefined;
    this.#settings = settings;
    this.#calls = new CallAcceptor(handler, settings);
    this.server = new NodeServer(settings, tls, {
      onSession: (session) => this.#onSession(session),
      onStream: (stream, headers, session) => this.#calls.accept(stream, headers, session),
      onError: (error, peer) => handler.report(error, { peer }),
    });
  }

  /** Starts listening. @throws Error of node:net if the address cannot be bound */
  async listen(options: ListenOptions): Promise<AddressInfo | string> {
    const bound = this.server.bind(options);
    this.#bound = bound.catch(() => {});
    return await bound;
  }

  /**
   * Accepts no more calls, and waits until those in flight are over. After
   * `graceMs` milliseconds it ends them. If called several times, the grace
   * period that ends first applies.
   */
  async close(graceMs: number): Promise<void> {
    this.#closed ??= this.#bound.then(() => this.server.close());
    const stopTimer = Deadline.after(graceMs).onExpired(() => this.#abort());
    await this.#closed;
    stopTimer();
  }

  /** Ends the calls, and then the connections: all, or those of one that is too old. */
  #abort(old?: NodeServerSession): void {
    this.#calls.abort(old);
    // The trailers have to go out first: see NodeServerStream.release().
    nextTurn(() => nextTurn(() => (old ?? this.server).destroy()));
  }

  #onSession(session: NodeServerSession): void {
    // The client was just connecting when the server was closed. It may already have sent calls.
    if (this.#closed !== undefined) session.retire("shutdown");
    session.expire = () => this.#abort(session);
    const { maxReceiveBytes, decompressing } = this.#settings;
    session.memory = {
      decompressing,
      decompressed: new MemoryBudget(Math.max(DECOMPRESSED_BYTES, maxReceiveBytes)),
      decoded: new MemoryBudget(Math.max(DECODED_BYTES, 4 * maxReceiveBytes)),
    };
  }
}
