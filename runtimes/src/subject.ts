import type { CallOptions } from "@grpclib-ts/runtime";
import { Channel, type ChannelOptions } from "@grpclib-ts/runtime/node";
import { CallsServiceStub } from "./gen/runtimes/v1/calls_grpclib.js";
import type { ObserveResponse, Task } from "./gen/runtimes/v1/calls_pb.js";
import { type Kind, kinds, type Request } from "./kinds.js";

/** Where a server is. */
export interface Places {
  /** `proxied` is a proxy, whose connections are cut when a handler asks for it. `mutual` asks for a certificate. */
  readonly addresses: Readonly<Record<"plain" | "proxied" | "tls" | "mutual" | "unix", string>>;
  /** The key and the certificate of the server, which it also accepts from clients. */
  readonly credentials: { readonly key: string; readonly cert: string };
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

/** Calls of one kind over a channel of their own. */
export class Subject {
  static #subjects = 0;
  readonly kind: Kind;
  readonly #places: Places;
  readonly #channel: Channel;
  /** Asks the server on another connection. */
  readonly #observer: Channel;
  readonly #id = `${Subject.#subjects++}`;

  constructor(kind: Kind, places: Places, address = places.addresses.plain) {
    const { key, cert } = places.credentials;
    const options: Partial<Record<string, ChannelOptions>> = {
      [places.addresses.tls]: { tls: { ca: cert } },
      [places.addresses.mutual]: { tls: { ca: cert, key, cert } },
    };
    this.kind = kind;
    this.#places = places;
    this.#channel = new Channel(address, options[address]);
    this.#observer = new Channel(places.addresses.plain);
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
    const { port } = await new CallsServiceStub(this.#observer).serve({});
    return new Subject(this.kind, this.#places, `http://127.0.0.1:${port}`);
  }

  call(order: Order, options: CallOptions = {}): AsyncIterable<{ data: Uint8Array }> {
    return kinds[this.kind](new CallsServiceStub(this.#channel), requestsOf(this.#id, order), options);
  }

  /** Resolves to the data of all responses. */
  async collect(order: Order, options?: CallOptions): Promise<Uint8Array[]> {
    const responses: Uint8Array[] = [];
    for await (const { data } of this.call(order, options)) responses.push(data);
    return responses;
  }

  /** Waits until the handler has started, or until its signal has aborted. Resolves to what it has observed. */
  observe(what: "started" | "aborted"): Promise<ObserveResponse> {
    return new CallsServiceStub(this.#observer).observe({ id: this.#id, aborted: what === "aborted" });
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
