import { Metadata, type ServerContext } from "@grpclib-ts/runtime";
import { CallsServiceBase, CallsServiceErrors } from "./gen/runtimes/v1/calls_grpclib.js";
import { type CallRequest, type ObserveRequest, Task } from "./gen/runtimes/v1/calls_pb.js";
import { Observation } from "./observation.js";

/** What the program can do for the handlers. */
export interface Host {
  /** Starts another server. Resolves to its port. */
  serve(): Promise<number>;
  /** Closes the server that the handlers belong to. */
  close(): void;
  /** Cuts the connections that go through the proxy. */
  cut(): void;
}

type Requests = Iterable<CallRequest> | AsyncIterable<CallRequest>;
type Responses = AsyncGenerator<{ data: Uint8Array }, void>;

/** Does what the requests ask for, in the same way for all kinds of calls. */
export class Calls extends CallsServiceBase {
  /** By the ids of the calls. */
  readonly #observations = new Map<string, Observation>();
  readonly #host: Host;

  constructor(host: Host) {
    super();
    this.#host = host;
  }

  override unary(request: CallRequest, context: ServerContext) {
    return joined(this.#respond([request], context));
  }

  override serverStream(request: CallRequest, context: ServerContext) {
    return this.#respond([request], context);
  }

  override clientStream(requests: Requests, context: ServerContext) {
    return joined(this.#respond(requests, context));
  }

  override bidi(requests: Requests, context: ServerContext) {
    return this.#respond(requests, context);
  }

  override async observe({ id }: ObserveRequest) {
    const { started, reason, responses } = this.#observations.get(id) ?? new Observation();
    return { started, reason, responses };
  }

  override async serve() {
    return { port: await this.#host.serve() };
  }

  async *#respond(requests: Requests, context: ServerContext): Responses {
    sendBack(context);
    for await (const request of requests) {
      const observation = new Observation();
      this.#observations.set(request.id, observation);
      observation.start(context.signal);
      for await (const response of await this.#tasks[request.task](request, context)) {
        yield response;
        observation.responses += 1;
      }
    }
  }

  readonly #tasks: Record<Task, (request: CallRequest, context: ServerContext) => Responses | Promise<never>> = {
    [Task.UNSPECIFIED]() {
      throw new TypeError("The request has no task");
    },
    async *[Task.ECHO]({ data }) {
      yield { data };
    },
    [Task.FAIL]() {
      throw CallsServiceErrors.Unary.ITEM_NOT_FOUND("no such item", {
        metadata: { item: "42" },
        resourceInfo: { resourceType: "item", resourceName: "42" },
        similar: { items: ["41", "43"] },
      });
    },
    async [Task.HANG](_request, { signal }) {
      // With a timer: workerd ends a request that waits for nothing that it knows of.
      while (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, 50));
      throw signal.reason;
    },
    async *[Task.REPEAT]({ data }, { signal }) {
      while (!signal.aborted) yield { data };
    },
    [Task.CUT]: (request, context) => {
      this.#host.cut();
      return this.#tasks[Task.HANG](request, context);
    },
    [Task.CLOSE]: (request, context) => {
      this.#host.close();
      return this.#tasks[Task.ECHO](request, context);
    },
  };
}

/** Sends metadata of the request back, and the name in the client's certificate. */
function sendBack(context: ServerContext): void {
  const initial = new Metadata();
  for (const target of [initial, context.trailingMetadata]) {
    for (const text of context.metadata.getAll("echo")) target.append("echo", text);
    for (const bytes of context.metadata.getAll("echo-bin")) target.append("echo-bin", bytes);
    if (context.auth !== undefined) target.append("client", String(context.auth.subject["CN"]));
  }
  context.sendInitialMetadata(initial);
}

/** A single response with the data of all. */
async function joined(responses: Responses): Promise<{ data: Uint8Array }> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  for await (const { data } of responses) chunks.push(data.slice());
  return { data: new Uint8Array(await new Blob(chunks).arrayBuffer()) };
}
