import { setTimeout } from "node:timers/promises";
import type { DescMessage, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import { type Any, anyUnpack } from "@bufbuild/protobuf/wkt";
import type { CallOptions, GRPCError, Metadata } from "@grpclib-ts/runtime";
import type {
  ClientCompatRequest,
  ClientResponseResultSchema,
} from "../gen/connectrpc/conformance/v1/client_compat_pb.js";
import type { ConformancePayload, ConformancePayloadSchema } from "../gen/connectrpc/conformance/v1/service_pb.js";
import { headersOf, metadataOf } from "../headers.js";
import { Cancellation } from "./cancellation.js";
import { compressionOf } from "./compression.js";
import { protoOf } from "./error.js";

/** The call of a test case: its options and requests, and a record of what arrives. */
export class ObservedCall {
  readonly options: CallOptions;
  readonly cancellation: Cancellation;
  readonly #request: ClientCompatRequest;
  readonly #payloads: MessageInitShape<typeof ConformancePayloadSchema>[] = [];
  #headers: Metadata | undefined;
  #trailers: Metadata | undefined;

  constructor(request: ClientCompatRequest) {
    this.#request = request;
    this.cancellation = new Cancellation(request.cancel);
    this.options = {
      compression: compressionOf(request.compression),
      metadata: metadataOf(request.requestHeaders),
      timeout: request.timeoutMs,
      signal: this.cancellation.signal,
      onHeaders: (metadata) => {
        this.#headers = metadata;
      },
      onTrailers: (metadata) => {
        this.#trailers = metadata;
      },
    };
  }

  /** The request of a unary or server streaming call. */
  async onlyRequest<Desc extends DescMessage>(schema: Desc): Promise<MessageShape<Desc>> {
    const [packed, ...others] = this.#request.requestMessages;
    if (packed === undefined || others.length > 0) throw new Error("The method takes exactly one request");
    return await this.#next(packed, schema);
  }

  /** The requests of a client streaming or bidi streaming call. */
  async *requests<Desc extends DescMessage>(schema: Desc): AsyncGenerator<MessageShape<Desc>> {
    for (const packed of this.#request.requestMessages) yield await this.#next(packed, schema);
  }

  /** The same requests, for a call that half-closes when the iterable ends. Notifies `cancellation` of the end. */
  async *requestsToTheEnd<Desc extends DescMessage>(schema: Desc): AsyncGenerator<MessageShape<Desc>> {
    yield* this.requests(schema);
    this.cancellation.onRequestsSent();
    this.cancellation.onRequestsEnded();
  }

  /** Records a response. */
  onResponse({ payload }: { readonly payload?: ConformancePayload | undefined }): void {
    this.#payloads.push(payload ?? {});
    this.cancellation.onResponse(this.#payloads.length);
  }

  /** The recorded headers, responses and trailers, and the error of the call if it failed. */
  result(error?: GRPCError): MessageInitShape<typeof ClientResponseResultSchema> {
    return {
      error: error && protoOf(error),
      responseHeaders: headersOf(this.#headers),
      payloads: this.#payloads,
      responseTrailers: headersOf(this.#trailers),
    };
  }

  /** Waits for the delay of the test case, then returns the request. */
  async #next<Desc extends DescMessage>(packed: Any, schema: Desc): Promise<MessageShape<Desc>> {
    const request = anyUnpack(packed, schema);
    if (request === undefined) throw new Error(`Expected a ${schema.typeName}, got ${packed.typeUrl}`);
    const { requestDelayMs } = this.#request;
    if (requestDelayMs > 0) await setTimeout(requestDelayMs);
    return request;
  }
}
