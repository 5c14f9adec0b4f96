import { Channel, type ChannelCredentials, type ChannelOptions, compressionAlgorithms } from "@grpc/grpc-js";
import { type ChannelDefaults, channelDefaultNames, withDefaults } from "../client/channel-defaults.js";
import { checkOptions, type OptionNames } from "../core/check-options.js";
import type { Compression } from "../core/compression.js";
import { Status } from "../core/status.js";
import type { CallRequest, OutgoingCall, ResponseListener, Transport } from "../transport/client.js";
import { channelClosed, HeldCalls } from "../transport/closing.js";
import { endedCall } from "../transport/not-supported.js";
import { GrpcJsCall } from "./call.js";

/** Options of {@link grpcJsTransport}. */
export interface GrpcJsTransportOptions extends ChannelDefaults {
  /**
   * The options of the grpc-js channel, for example `grpc.service_config`. Default: those of grpc-js.
   *
   * @see https://github.com/grpc/grpc-node/tree/master/packages/grpc-js#supported-channel-options
   */
  readonly channelOptions?: ChannelOptions | undefined;
}

const optionNames: OptionNames<GrpcJsTransportOptions> = { ...channelDefaultNames, channelOptions: true };

/** A transport over a channel of grpc-js. */
export interface GrpcJsTransport extends Transport {
  /** The grpc-js channel, for its state. Do not close it: close the transport. */
  readonly channel: Channel;
  /** Closes the channel. Calls in flight, and later calls, fail with CANCELLED. */
  close(): Promise<void>;
  /** The same as `close()`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Creates a transport over a channel of grpc-js, which resolves names, balances the
 * load and uses proxies as grpc-js does. Stubs take it like any other transport.
 *
 * ```ts
 * await using transport = grpcJsTransport("dns:///library.internal:50051", credentials.createSsl(), {
 *   channelOptions: { "grpc.service_config": JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }) },
 * });
 * const stub = new LibraryServiceStub(transport);
 * ```
 *
 * @param target the name to resolve, in the form that grpc-js takes: `dns:///host:port`, `ipv4:a,b`, `unix:path`
 * @param credentials of grpc-js, for example `credentials.createInsecure()`
 * @throws TypeError for an invalid option, target or credentials, and for metadata that cannot be sent
 * @throws Error if grpc-js does not know the scheme of the target
 */
export function grpcJsTransport(
  target: string,
  credentials: ChannelCredentials,
  options: GrpcJsTransportOptions = {},
): GrpcJsTransport {
  checkOptions("grpcJsTransport()", options, optionNames);
  const channels = new GrpcJsChannels(target, credentials, options.channelOptions ?? {});
  const transport = withDefaults(channels, options, channels.held);
  return {
    channel: channels.main,
    start: (request, listener) => transport.start(request, listener),
    close: async () => channels.close(),
    [Symbol.asyncDispose]: async () => channels.close(),
  };
}

const ALGORITHM = "grpc.default_compression_algorithm";

/** A channel of grpc-js has one compression. For calls with another one there are further channels, created on demand. */
class GrpcJsChannels implements Transport {
  readonly main: Channel;
  readonly #channels: Map<number, Channel>;
  readonly #create: (algorithm: number) => Channel;
  readonly #calls = new Set<GrpcJsCall>();
  readonly held = new HeldCalls();
  #closed = false;

  constructor(target: string, credentials: ChannelCredentials, options: ChannelOptions) {
    this.main = new Channel(target, credentials, options);
    this.#channels = new Map([[options[ALGORITHM] ?? compressionAlgorithms.identity, this.main]]);
    this.#create = (algorithm) => new Channel(target, credentials, { ...options, [ALGORITHM]: algorithm });
  }

  start(request: CallRequest, listener: ResponseListener): OutgoingCall {
    if (this.#closed) return endedCall(channelClosed, listener);
    try {
      const channel = this.#channelFor(request.compression);
      const call = new GrpcJsCall(channel, request, listener, (over) => this.#calls.delete(over));
      this.#calls.add(call);
      return call;
    } catch (cause) {
      const message = `grpc-js cannot start the call: ${cause instanceof Error ? cause.message : cause}`;
      return endedCall({ status: Status.INTERNAL, message, origin: "client", cause }, listener);
    }
  }

  close(): void {
    this.#closed = true;
    for (const channel of this.#channels.values()) channel.close();
    this.held.close();
    for (const call of this.#calls) call.fail(channelClosed);
  }

  #channelFor(compression: Compression | undefined): Channel {
    if (compression === undefined) return this.main;
    const algorithm = compressionAlgorithms[compression];
    const channel = this.#channels.get(algorithm) ?? this.#create(algorithm);
    this.#channels.set(algorithm, channel);
    return channel;
  }
}
