import type { Message } from "@bufbuild/protobuf";
import {
  type CallHandler,
  type CallRequest,
  type CallStatus,
  compressions,
  type IncomingCall,
  Metadata,
  notSupported,
  type OutgoingCall,
  type RequestListener,
  type ResponseListener,
  Status,
  StreamTerminatedError,
  type Transport,
} from "../transport.js";
import { MessagePipe } from "./message-pipe.js";

/** How much later than the client the server sees its deadline pass. */
const LATENCY_MS = 10;

/** A transport that calls the methods of a handler in the same process. */
export function inMemory(handler: CallHandler): Transport {
  return {
    start(request, listener) {
      const call = new InMemoryCall(request, listener);
      queueMicrotask(() => call.run(handler));
      return call;
    },
  };
}

/** Both sides of a call. The requests and the responses each have a pipe. */
class InMemoryCall implements OutgoingCall {
  readonly peer = "in memory";
  readonly #request: CallRequest;
  readonly #client: ResponseListener;
  readonly #requests: MessagePipe;
  readonly #responses: MessagePipe;
  #server: RequestListener | undefined;
  #headersSent = false;
  #over = false;

  constructor(request: CallRequest, client: ResponseListener) {
    const { input, output } = request.method.desc;
    this.#request = request;
    this.#client = client;
    this.#requests = new MessagePipe(input, () => this.#client.onDrain());
    this.#responses = new MessagePipe(output, () => this.#server?.onDrain());
  }

  run(handler: CallHandler): void {
    this.#responses.readBy({
      onMessage: (message) => this.#client.onMessage(message),
      onMessagesEnd: () => this.#client.onMessagesEnd(undefined),
    });
    if (this.#over) return;
    const { method, metadata, timeout, previousAttempts } = this.#request;
    const refusal = notSupported("The in-memory transport", { compressions, waitForReady: true }, this.#request);
    if (refusal !== undefined) return this.#finish(() => this.#client.onEnd(refusal));
    const route = handler.find(method.path);
    if (route === undefined) return this.#end({ status: Status.UNIMPLEMENTED, message: "Method not found" });
    const server = route.handle(this.#incoming(), {
      metadata: new Metadata(metadata),
      // As over a network, the deadline passes for the client first.
      timeout: timeout === undefined ? undefined : timeout + LATENCY_MS,
      peer: "in memory",
      previousAttempts,
    });
    this.#server = server;
    this.#requests.readBy(server);
  }

  send(message: Message, last: boolean): boolean {
    const mayFollow = this.#requests.push(message);
    if (last) this.#requests.end();
    return mayFollow;
  }

  end(): void {
    this.#requests.end();
  }

  cancel(): void {
    this.#finish(() =>
      this.#server?.onClientLost(new StreamTerminatedError("The client cancelled the call", { code: 8 })),
    );
  }

  pull(): void {
    this.#responses.pull();
  }

  #incoming(): IncomingCall {
    return {
      compression: "identity",
      useCompression: () => true,
      sendHeaders: (metadata) => this.#sendHeaders(metadata),
      send: (message) => {
        this.#sendHeaders(undefined);
        return this.#responses.push(message);
      },
      finish: (status) => this.#end(status),
      pull: () => this.#requests.pull(),
    };
  }

  #sendHeaders(metadata: Metadata | undefined): void {
    if (this.#headersSent || this.#over) return;
    this.#headersSent = true;
    this.#client.onHeaders(new Metadata(metadata));
  }

  #end(status: CallStatus): void {
    this.#finish(() => this.#client.onEnd({ ...status, origin: "peer" }));
  }

  #finish(notify: () => void): void {
    if (this.#over) return;
    this.#over = true;
    notify();
    this.#requests.end();
    this.#responses.end();
  }
}
