import { type ChannelDefaults, channelDefaultNames, withDefaults } from "../client/channel-defaults.js";
import { checkOptions, type OptionNames } from "../core/check-options.js";
import type { ChannelSnapshot } from "../http2/channel-snapshot.js";
import { type Http2ClientOptions, http2ClientOptionNames } from "../http2/client-settings.js";
import type { ConnectivityState } from "../http2/connectivity.js";
import { Http2Transport } from "../http2/transport.js";
import type { CallRequest, OutgoingCall, ResponseListener, Transport } from "../transport/client.js";
import { HeldCalls } from "../transport/closing.js";

/** Options of a {@link Channel}. */
export interface ChannelOptions extends ChannelDefaults, Http2ClientOptions {}

const optionNames: OptionNames<ChannelOptions> = { ...channelDefaultNames, ...http2ClientOptionNames };

/** Options of {@link Channel.ready}. */
export interface ReadyOptions {
  /** How long to wait, in milliseconds. Default: no limit. */
  readonly timeout?: number | undefined;
}

const readyOptionNames: OptionNames<ReadyOptions> = { timeout: true };

/**
 * A channel to one server over `node:http2`, for any number of stubs and
 * concurrent calls. It connects when the first call starts, and reconnects after the
 * connection is lost. An idle channel does not keep the process alive.
 *
 * ```ts
 * await using channel = new Channel("http://127.0.0.1:50051");
 * const stub = new LibraryServiceStub(channel);
 * ```
 */
export class Channel implements Transport {
  readonly #http2: Http2Transport;
  readonly #transport: Transport;
  readonly #held = new HeldCalls();

  /**
   * @param address `http://host:port`, `https://host:port` or `unix:/path/to/socket`
   * @throws TypeError for an invalid address, metadata that cannot be sent, or an invalid option
   */
  constructor(address: string | URL, options: ChannelOptions = {}) {
    checkOptions("A channel", options, optionNames);
    this.#http2 = new Http2Transport(address, options, options.retry !== false);
    this.#transport = withDefaults(this.#http2, options, this.#held);
  }

  /** Starts a call. Stubs use it. */
  start(request: CallRequest, listener: ResponseListener): OutgoingCall {
    return this.#transport.start(request, listener);
  }

  /** The state of the connection. */
  get state(): ConnectivityState {
    return this.#http2.state;
  }

  /**
   * Iterates over the state of the connection: the present one first, then each
   * change, up to `SHUTDOWN`. Any number of iterations may run at a time. They do
   * not keep the process alive.
   */
  changes(): AsyncIterableIterator<ConnectivityState> {
    return this.#http2.changes();
  }

  /**
   * The channel at this moment, as plain data for a debug page: its connections, and
   * what became of its calls. It has no metadata, error details or messages of calls.
   * Escape its texts in HTML: servers choose some of them.
   */
  snapshot(): ChannelSnapshot {
    return this.#http2.snapshot();
  }

  /** Starts connecting if the state is `IDLE`, so that the first call does not have to wait. */
  connect(): void {
    this.#http2.connect();
  }

  /**
   * Connects, and waits until the state is `READY`. Failed attempts are repeated.
   *
   * @throws GRPCError DEADLINE_EXCEEDED after the timeout, with the last error of the connection as its cause;
   *   CANCELLED if the channel is closed
   * @throws TypeError for an invalid option
   */
  async ready(options: ReadyOptions = {}): Promise<void> {
    checkOptions("ready()", options, readyOptionNames);
    await this.#http2.ready(options.timeout);
  }

  /** Closes the connection. Calls in flight, and later calls, fail with CANCELLED. */
  async close(): Promise<void> {
    this.#held.close();
    await this.#http2.close();
  }

  /** The same as {@link Channel.close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
