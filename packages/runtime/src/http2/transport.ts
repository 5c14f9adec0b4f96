import type { ConnectionOptions } from "node:tls";
import { checkNumber } from "../core/check-number.js";
import type { OptionNames } from "../core/check-options.js";
import type { CallRequest, OutgoingCall, ResponseListener, Transport } from "../transport/client.js";
import { parseAddress } from "../wire/address.js";
import { Http2ClientStream, type StreamOptions } from "./client-stream.js";
import { Connector } from "./connector.js";
import { type MessageLimitOptions, messageLimitNames, messageLimits } from "./message-limits.js";

/** Options of {@link Http2Transport}. */
export interface Http2TransportOptions extends MessageLimitOptions {
  /**
   * The time to establish a connection, including the TLS handshake and the
   * HTTP/2 settings, in milliseconds. Default: 20 000.
   */
  readonly connectTimeout?: number | undefined;
  /**
   * Whether a call that the server did not process is sent again, once, on another
   * stream or connection: the server refused its stream (REFUSED_STREAM), or went
   * away before it had read the call (GOAWAY). Default: true.
   *
   * @see https://github.com/grpc/proposal/blob/master/A6-client-retries.md#transparent-retries
   */
  readonly retry?: boolean | undefined;
  /** The options of node:tls for an `https://` address, or for TLS over a unix socket. */
  readonly tls?: ConnectionOptions | undefined;
}

export const http2TransportOptionNames: OptionNames<Http2TransportOptions> = {
  ...messageLimitNames,
  connectTimeout: true,
  retry: true,
  tls: true,
};

/** Makes calls to one server over HTTP/2. */
export class Http2Transport implements Transport {
  readonly #streamOptions: StreamOptions;
  readonly #connector: Connector;

  /** @throws TypeError if the address or an option is invalid */
  constructor(address: string | URL, options: Http2TransportOptions) {
    const connector = new Connector({
      target: parseAddress(address, options.tls),
      tls: options.tls,
      connectTimeout: checkNumber("connectTimeout", options.connectTimeout ?? 20_000, "positiveMilliseconds"),
      userAgent: "grpclib-ts",
    });
    this.#connector = connector;
    this.#streamOptions = { limits: messageLimits(options), queue: connector, retry: options.retry ?? true };
  }

  start(request: CallRequest, listener: ResponseListener): OutgoingCall {
    const call = new Http2ClientStream(request, listener, this.#streamOptions);
    this.#connector.open(call);
    return call;
  }

  /** Closes the connection. Calls that are not over end with CANCELLED. */
  async close(): Promise<void> {
    await this.#connector.close();
  }
}
