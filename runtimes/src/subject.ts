import type { CallOptions, Transport } from "@grpclib-ts/runtime";
import { CallsServiceStub } from "./gen/runtimes/v1/calls_grpclib.js";
import type { ObserveResponse, Task } from "./gen/runtimes/v1/calls_pb.js";
import { type Kind, kinds, type Request } from "./kinds.js";
import { type Credentials, type Protocol, type ProtocolClient, protocols } from "./protocols.js";

/** Where a server is. */
export interface Places {
  readonly protocol: Protocol;
  /** `proxied` is a proxy, whose connections are cut when a handler asks for it. `mutual` asks for a certificate. */
  readonly addresses: Readonly<Record<"plain" | "proxied" | "tls" | "mutual" | "unix", string>>;
  readonly credentials: Credentials;
}

export interface Order {
  readonly task: Task;
  readonly data?: Uint8Array;
  /** How many requests to send, if there can be several. Default: 1. */
  readonly count?: number;
  /** Whether more requests could follow, until the call ends. Default: false. */
  readonly unfinished?: boolean;
  /** Called before each request. */
  onRequest?(): void;
}

/** More round trips than it takes until a handler observes what has been sent before them. */
const manyRoundTrips = 50;

/** Calls of one kind over a transport of their own. */
export class Subject {
  static #subjects = 0;
  readonly kind: Kind;
  readonly #places: Places;
  readonly #transport: Transport;
  /** Asks the server on another connection. */
  readonly #observer: CallsServiceStub;
  readonly #id = `${Subject.#subjects++}`;

  constructor(kind: Kind, places: Places, address = places.addresses.plain) {
    this.kind = kind;
    this.#places = places;
    const connect = (to: string) => this.protocol.connect(to, places.credentials);
    this.#transport = connect(address);
    this.#observer = new CallsServiceStub(connect(places.addresses.plain));
  }

  get hasRequestStream(): boolean {
    return this.kind === "client streaming" || this.kind === "bidirectional streaming";
  }

  /** The same kind of calls at another address of the server. */
  at(address: keyof Places["addresses"]): Subject {
    return new Subject(this.kind, this.#places, this.#places.addresses[address]);
  }

  /** The same kind of calls to another server, in the process of this one. */
  async another(): Promise<Subject> {
    const { port } = await this.#observer.serve({});
    return new Subject(this.kind, this.#places, `http://127.0.0.1:${port}`);
  }

  call(order: Order, options: CallOptions = {}): AsyncIterable<{ data: Uint8Array }> {
    return kinds[this.kind](new CallsServiceStub(this.#transport), requestsOf(this.#id, order), options);
  }

  /** Resolves to the data of all responses. */
  async collect(order: Order, options?: CallOptions): Promise<Uint8Array[]> {
    const responses: Uint8Array[] = [];
    for await (const { data } of this.call(order, options)) responses.push(data);
    return responses;
  }

  /** What the handler has observed so far. */
  observe(): Promise<ObserveResponse> {
    return this.#observer.observe({ id: this.#id });
  }

  /** Asks until the handler has started. */
  async started(): Promise<void> {
    while (!(await this.observe()).started);
  }

  /**
   * Asks until the signal of the handler has aborted, for a cause of which the server knows. Resolves to the reason, or
   * to "" if it does not abort.
   */
  async aborted(): Promise<string> {
    let reason = "";
    for (let asked = 0; reason === "" && asked < manyRoundTrips; asked++) ({ reason } = await this.observe());
    return reason;
  }

  /** The protocol of the calls. */
  get protocol(): ProtocolClient {
    return protocols[this.#places.protocol];
  }
}

async function* requestsOf(id: string, { task, data, count = 1, unfinished, onRequest }: Order) {
  const request: Request = { id, task, ...(data && { data }) };
  for (let sent = 0; sent < count; sent++) {
    onRequest?.();
    yield request;
  }
  if (unfinished) await new Promise(() => {});
}
