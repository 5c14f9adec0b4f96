import { type ChannelDefaults, channelDefaultNames, withDefaults } from "../client/channel-defaults.js";
import { checkOptions, type OptionNames } from "../core/check-options.js";
import { Http2Transport, type Http2TransportOptions, http2TransportOptionNames } from "../http2/transport.js";
import type { CallRequest, OutgoingCall, ResponseListener, Transport } from "../transport/client.js";

/** Options of a {@link Channel}. */
export interface ChannelOptions extends ChannelDefaults, Http2TransportOptions {}

const optionNames: OptionNames<ChannelOptions> = { ...channelDefaultNames, ...http2TransportOptionNames };

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

  /**
   * @param address `http://host:port`, `https://host:port` or `unix:/path/to/socket`
   * @throws TypeError for an invalid address, metadata that cannot be sent, or an invalid option
   */
  constructor(address: string | URL, options: ChannelOptions = {}) {
    checkOptions("A channel", options, optionNames);
    this.#http2 = new Http2Transport(address, options);
    this.#transport = withDefaults(this.#http2, options);
  }

  /** Starts a call. Stubs use it. */
  start(request: CallRequest, listener: ResponseListener): OutgoingCall {
    return this.#transport.start(request, listener);
  }

  /** Closes the connection. Calls in flight, and later calls, fail with CANCELLED. */
  async close(): Promise<void> {
    await this.#http2.close();
  }

  /** The same as {@link Channel.close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
