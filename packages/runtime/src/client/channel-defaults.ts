import type { Message } from "@bufbuild/protobuf";
import * as checkNumber from "../core/check-number.js";
import type { OptionNames } from "../core/check-options.js";
import { type Compression, checkCompression } from "../core/compression.js";
import { joinMetadata, Metadata, type MetadataInit } from "../core/metadata.js";
import type { CallEnd } from "../errors/call-end.js";
import { checkRegistry, type DetailRegistry } from "../errors/detail-registry.js";
import type { ResponseListener, Transport } from "../transport/client.js";
import type { HeldCalls } from "../transport/closing.js";
import { withRetries } from "./channel-retries.js";
import { withDefaultTimeout } from "./default-timeout.js";
import { interceptTracked } from "./intercept.js";
import type { ClientInterceptor } from "./interceptor.js";
import type { RetryOption } from "./retry-policy.js";

/** The defaults for all calls of a channel. */
export interface ChannelDefaults {
  /** The types that error details are decoded to. Default: `google.rpc.*` and the types of `registerDetails()`. */
  readonly registry?: DetailRegistry | undefined;
  /** Metadata to send with every call, before the metadata of the call itself. Default: none. */
  readonly metadata?: MetadataInit | undefined;
  /**
   * Functions around each call, the outermost first. They see the defaults of the
   * channel as if they were options of the call. Default: none.
   */
  readonly interceptors?: readonly ClientInterceptor[] | undefined;
  /**
   * Whether and when failed calls are sent again, unless a call has its own `retry`.
   * Default: true.
   *
   * Retries are inside of all `interceptors`. Attempts of a call that one of these
   * repeats with `retry()` are repeated here only transparently and with a policy.
   */
  readonly retry?: RetryOption | undefined;
  /**
   * How requests are compressed, unless a call has its own `compression`. The
   * server must support it. Responses may use any compression, whatever this
   * option says. Default: `"identity"`.
   */
  readonly compression?: Compression | undefined;
  /**
   * The time that a call may take, in milliseconds, if neither its options nor its
   * parent limit it. Then it fails with DEADLINE_EXCEEDED. Default: no limit.
   */
  readonly timeout?: number | undefined;
}

export const channelDefaultNames: OptionNames<ChannelDefaults> = {
  registry: true,
  metadata: true,
  interceptors: true,
  retry: true,
  compression: true,
  timeout: true,
};

/**
 * Wraps a transport: its calls use these defaults.
 *
 * @param held gets the calls that interceptors or retries may hold back: close it with the transport
 * @throws TypeError for metadata that cannot be sent, a compression that is not supported, or an invalid
 *   registry, interceptor, retry policy or timeout
 */
export function withDefaults(inner: Transport, defaults: ChannelDefaults, held?: HeldCalls): Transport {
  // The registry is inside, because interceptors see errors with their details. The other defaults are outside.
  const decoding = withRegistry(inner, checkRegistry(defaults.registry));
  const retrying = withRetries(decoding, held, defaults.retry);
  const intercepted =
    defaults.interceptors === undefined ? retrying : interceptTracked(retrying, defaults.interceptors, held);
  const transport =
    defaults.timeout === undefined
      ? intercepted
      : withDefaultTimeout(intercepted, checkNumber.positiveMilliseconds("timeout", defaults.timeout));
  const metadata = defaults.metadata === undefined ? undefined : new Metadata(defaults.metadata);
  const compression = checkCompression(defaults.compression);
  if (metadata === undefined && compression === undefined) return transport;
  return {
    start(request, listener) {
      const completed = {
        ...request,
        metadata: joinMetadata(metadata, request.metadata),
        compression: request.compression ?? compression,
      };
      return transport.start(completed, listener);
    },
  };
}

function withRegistry(transport: Transport, registry: DetailRegistry | undefined): Transport {
  if (registry === undefined) return transport;
  return { start: (request, listener) => transport.start(request, new WithRegistry(listener, registry)) };
}

/** Adds the registry of a channel to each `CallEnd`, for decoding the details. */
class WithRegistry implements ResponseListener {
  readonly #listener: ResponseListener;
  readonly #registry: DetailRegistry;

  constructor(listener: ResponseListener, registry: DetailRegistry) {
    this.#listener = listener;
    this.#registry = registry;
  }

  onHeaders(metadata: Metadata): void {
    this.#listener.onHeaders(metadata);
  }

  onMessage(message: Message): void {
    this.#listener.onMessage(message);
  }

  onMessagesEnd(failure: CallEnd | undefined): void {
    this.#listener.onMessagesEnd(failure && { ...failure, registry: this.#registry });
  }

  onDrain(): void {
    this.#listener.onDrain();
  }

  onEnd(end: CallEnd): void {
    this.#listener.onEnd({ ...end, registry: this.#registry });
  }
}
