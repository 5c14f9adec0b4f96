import type { ConnectionOptions } from "node:tls";
import type { DetailRegistry } from "../core/detail-registry.js";
import { joinMetadata, Metadata, type MetadataInit } from "../core/metadata.js";
import type { CallRequest, OutgoingCall, ResponseListener, Transport } from "../transport/client.js";
import { parseAddress } from "./address.js";
import { Http2ClientStream } from "./client-stream.js";
import { Connector } from "./connector.js";
import { MAX_RECEIVE_MESSAGE_BYTES } from "./limits.js";

/** Options of a {@link Channel}. */
export interface ChannelOptions {
  /** The types that error details are decoded to, in place of the default ones. */
  readonly registry?: DetailRegistry | undefined;
  /** Metadata that is sent with every call, before that of the call. */
  readonly metadata?: MetadataInit | undefined;
  /** A response message that is larger fails its call with RESOURCE_EXHAUSTED. In bytes. Default: 4 MiB. */
  readonly maxReceiveMessageBytes?: number | undefined;
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
  readonly #maxReceiveBytes: number;
  readonly #connector: Connector;
  readonly #withdraw: (call: Http2ClientStream) => void;

  /**
   * @param address `http://host:port`, `https://host:port` or `unix:/path/to/socket`
   * @throws TypeError for another address, or metadata that cannot be sent
   */
  constructor(address: string, options: ChannelOptions = {}) {
    this.registry = options.registry;
    this.#metadata = options.metadata === undefined ? undefined : new Metadata(options.metadata);
    this.#maxReceiveBytes = options.maxReceiveMessageBytes ?? MAX_RECEIVE_MESSAGE_BYTES;
    const connector = new Connector({
      target: parseAddress(address, options.tls),
      tls: options.tls,
      connectTimeout: options.connectTimeout ?? 20_000,
      userAgent: "grpclib-ts",
    });
    this.#connector = connector;
    this.#withdraw = (call) => connector.withdraw(call);
  }

  /** Used by stubs. */
  start(request: CallRequest, listener: ResponseListener): OutgoingCall {
    const metadata = joinMetadata(this.#metadata, request.metadata);
    const call = new Http2ClientStream({ ...request, metadata }, listener, {
      maxReceiveBytes: this.#maxReceiveBytes,
      withdraw: this.#withdraw,
    });
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
