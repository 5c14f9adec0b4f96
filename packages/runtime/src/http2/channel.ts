import type { ConnectionOptions } from "node:tls";
import { checkNumber } from "../core/check-number.js";
import { type Compression, checkCompression } from "../core/compression.js";
import type { DetailRegistry } from "../core/detail-registry.js";
import { joinMetadata, Metadata, type MetadataInit } from "../core/metadata.js";
import type { CallRequest, OutgoingCall, ResponseListener, Transport } from "../transport/client.js";
import { parseAddress } from "./address.js";
import { Http2ClientStream, type StreamOptions } from "./client-stream.js";
import { Connector } from "./connector.js";
import { type MessageLimitOptions, messageLimits } from "./limits.js";

/** Options of a {@link Channel}. */
export interface ChannelOptions extends MessageLimitOptions {
  /** The types that error details are decoded to, in place of the default ones. */
  readonly registry?: DetailRegistry | undefined;
  /** Metadata that is sent with every call, before that of the call. */
  readonly metadata?: MetadataInit | undefined;
  /**
   * How requests are compressed, unless a call says otherwise; the server has to
   * support it. Responses may be compressed in any case. Default: `"identity"`.
   */
  readonly compression?: Compression | undefined;
  /** Time to connect, with the TLS handshake and the HTTP/2 settings, in milliseconds. Default: 20 000. */
  readonly connectTimeout?: number | undefined;
  /** Options of node:tls for an `https://` address, or for TLS over a unix socket. */
  readonly tls?: ConnectionOptions | undefined;
}

/**
 * A channel to one server over `node:http2`, for any number of stubs and calls
 * at a time. It connects with the first call, and again when the connection is
 * lost. An idle channel does not keep the process alive.
 *
 * ```ts
 * await using channel = new Channel("http://127.0.0.1:50051");
 * const stub = new LibraryServiceStub(channel);
 * ```
 */
export class Channel implements Transport {
  readonly registry: DetailRegistry | undefined;
  readonly #metadata: Metadata | undefined;
  readonly #compression: Compression;
  readonly #streamOptions: StreamOptions;
  readonly #connector: Connector;

  /**
   * @param address `http://host:port`, `https://host:port` or `unix:/path/to/socket`
   * @throws TypeError for another address, metadata that cannot be sent, or an unknown compression
   */
  constructor(address: string, options: ChannelOptions = {}) {
    this.registry = options.registry;
    this.#metadata = options.metadata === undefined ? undefined : new Metadata(options.metadata);
    this.#compression = checkCompression(options.compression) ?? "identity";
    const connector = new Connector({
      target: parseAddress(address, options.tls),
      tls: options.tls,
      connectTimeout: checkNumber("connectTimeout", options.connectTimeout ?? 20_000, "positiveMilliseconds"),
      userAgent: "grpclib-ts",
    });
    this.#connector = connector;
    this.#streamOptions = { limits: messageLimits(options), withdraw: (call) => connector.withdraw(call) };
  }

  /** Used by stubs. */
  start(request: CallRequest, listener: ResponseListener): OutgoingCall {
    const { method, timeout, waitForReady } = request;
    const metadata = joinMetadata(this.#metadata, request.metadata);
    const compression = request.compression ?? this.#compression;
    const streamRequest = { method, metadata, timeout, compression, waitForReady };
    const call = new Http2ClientStream(streamRequest, listener, this.#streamOptions);
    this.#connector.open(call);
    return call;
  }

  /** Closes the connection. Calls that are not over, and later ones, fail with CANCELLED. */
  async close(): Promise<void> {
    await this.#connector.close();
  }

  /** The same as {@link Channel.close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
