import type { ServerContext } from "@grpclib-ts/runtime";
import type { StreamResponseDefinition } from "../gen/connectrpc/conformance/v1/service_pb.js";
import { errorOf } from "./error.js";
import { delay, sendMetadata } from "./instructions.js";
import type { RequestLog } from "./request-log.js";
import type { Response } from "./response.js";

/** The responses of a streaming method, as its first request defines them. Iterate over those that are not sent yet. */
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

  /** Whether there is no response left. */
  get sentAll(): boolean {
    return this.#definition === undefined || this.#sent === this.#definition.responseData.length;
  }

  /** The next response, after the delay before it. */
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
