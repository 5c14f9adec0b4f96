import type { ServerContext } from "@grpclib-ts/runtime";
import type { StreamResponseDefinition } from "../gen/connectrpc/conformance/v1/service_pb.js";
import { errorOf } from "./error.js";
import { delay, sendMetadata } from "./instructions.js";
import type { RequestLog } from "./request-log.js";
import type { Response } from "./response.js";

/**
 * The responses of a method with streaming responses, as the first request defines them. Take one with next(), or
 * iterate over the rest. The iteration ends with the error that the request defines, if any.
 */
export class StreamedResponses {
  readonly #definition: StreamResponseDefinition | undefined;
  readonly #log: RequestLog;
  readonly #context: ServerContext;
  #sent = 0;

  /** Sends the headers at once. */
  constructor(definition: StreamResponseDefinition | undefined, log: RequestLog, context: ServerContext) {
    this.#definition = definition;
    this.#log = log;
    this.#context = context;
    if (definition !== undefined) sendMetadata(definition, context);
  }

  /** Whether all responses have been taken. */
  get sentAll(): boolean {
    return this.#definition === undefined || this.#sent === this.#definition.responseData.length;
  }

  /** Waits for the delay that the request defines, then returns the next response. */
  async next(): Promise<Response> {
    const requestInfo = this.#log.echo();
    const data = this.#definition?.responseData[this.#sent];
    this.#sent += 1;
    await delay(this.#definition, this.#context);
    return { payload: { data, requestInfo } };
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Response> {
    while (!this.sentAll) yield await this.next();
    const error = this.#definition?.error;
    if (error !== undefined) throw errorOf(error, this.#sent === 0 ? this.#log.echo() : undefined);
  }
}
