import type { DescMessage, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import { type Any, anyPack } from "@bufbuild/protobuf/wkt";
import type { ServerContext } from "@grpclib-ts/runtime";
import type { ConformancePayload_RequestInfoSchema } from "../gen/connectrpc/conformance/v1/service_pb.js";
import { headersOf } from "../headers.js";

export type RequestInfo = MessageInitShape<typeof ConformancePayload_RequestInfoSchema>;

/** Records what a handler receives, to echo it in responses. */
export class RequestLog {
  readonly #context: ServerContext;
  #requests: Any[] = [];
  #echoed = false;

  constructor(context: ServerContext) {
    this.#context = context;
  }

  add<Desc extends DescMessage>(schema: Desc, request: MessageShape<Desc>): void {
    this.#requests.push(anyPack(schema, request));
  }

  /**
   * The first time: the request headers, the timeout, and the requests so far. Later: the requests since the last time,
   * or `undefined` if there are none.
   */
  echo(): RequestInfo | undefined {
    const requests = this.#requests;
    this.#requests = [];
    if (this.#echoed) return requests.length === 0 ? undefined : { requests };
    this.#echoed = true;
    return { requests, requestHeaders: headersOf(this.#context.metadata), timeoutMs: this.#timeoutMs() };
  }

  #timeoutMs(): bigint | undefined {
    const { deadline } = this.#context;
    return deadline && BigInt(Math.floor(Math.max(deadline.remaining(), 0)));
  }
}
