import { fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import { type Client, type ClientDuplexStream, Metadata as GrpcJsMetadata, type StatusObject } from "@grpc/grpc-js";
import {
  type CallEnd,
  type CallRequest,
  endedCall,
  type Metadata,
  type MetadataValue,
  notSupported,
  type OutgoingCall,
  originOf,
  parseStatusDetails,
  type ResponseListener,
  receivedMetadata,
  Status,
  type Transport,
} from "../../src/transport.js";

/** A transport over a grpc-js client. */
export function overGrpcJs(client: Client): Transport {
  return {
    start(request, listener) {
      const refusal = notSupported("grpc-js", { waitForReady: true }, request);
      return refusal === undefined ? new GrpcJsCall(client, request, listener) : endedCall(refusal, listener);
    },
  };
}

class GrpcJsCall implements OutgoingCall {
  readonly #request: CallRequest;
  readonly #listener: ResponseListener;
  readonly #call: ClientDuplexStream<Buffer, Buffer>;
  #pulled = false;
  #over = false;
  #ended = false;

  constructor(client: Client, request: CallRequest, listener: ResponseListener) {
    const { method, timeout } = request;
    this.#request = request;
    this.#listener = listener;
    const bytes = (message: Buffer) => message;
    const options = timeout === undefined ? {} : { deadline: Date.now() + timeout };
    this.#call = client.makeBidiStreamRequest(method.path, bytes, bytes, metadataOf(request), options);
    this.#call.on("metadata", (metadata) => this.#unlessOver(() => listener.onHeaders(received(metadata))));
    this.#call.on("readable", () => this.#answer());
    this.#call.on("end", () => this.#onMessagesEnd());
    this.#call.on("drain", () => listener.onDrain());
    this.#call.on("error", () => {}); // "status" reports the same
    this.#call.on("status", (status) => {
      this.#unlessOver(() => listener.onEnd(endOf(status)));
      this.#onMessagesEnd();
    });
  }

  get peer(): string | undefined {
    return this.#call.getPeer();
  }

  send(message: Message, last: boolean): boolean {
    const bytes = Buffer.from(toBinary(this.#request.method.desc.input, message));
    const mayFollow = this.#call.write(bytes);
    if (last) this.#call.end();
    return mayFollow;
  }

  end(): void {
    this.#call.end();
  }

  cancel(): void {
    this.#over = true;
    this.#call.cancel();
    this.#onMessagesEnd();
  }

  pull(): void {
    this.#pulled = true;
    this.#answer();
  }

  #answer(): void {
    if (!this.#pulled) return;
    const bytes: Buffer | null = this.#call.read();
    if (bytes === null && !this.#ended) return;
    this.#pulled = false;
    if (bytes === null) return this.#listener.onMessagesEnd(undefined);
    this.#listener.onMessage(fromBinary(this.#request.method.desc.output, new Uint8Array(bytes)));
  }

  #onMessagesEnd(): void {
    this.#ended = true;
    this.#answer();
  }

  #unlessOver(notify: () => void): void {
    if (!this.#over) notify();
  }
}

function metadataOf({ metadata, waitForReady, previousAttempts }: CallRequest): GrpcJsMetadata {
  const sent = new GrpcJsMetadata({ waitForReady });
  for (const [key, value] of metadata ?? []) sent.add(key, typeof value === "string" ? value : Buffer.from(value));
  if (previousAttempts > 0) sent.set("grpc-previous-rpc-attempts", String(previousAttempts));
  return sent;
}

function received(metadata: GrpcJsMetadata): Metadata {
  const entries: [string, MetadataValue][] = Object.keys(metadata.getMap())
    .filter((key) => !key.startsWith("grpc-") && key !== "content-type" && key !== "date")
    .flatMap((key) =>
      metadata
        .get(key)
        .map((value): [string, MetadataValue] => [key, typeof value === "string" ? value : new Uint8Array(value)]),
    );
  return receivedMetadata(entries);
}

function endOf({ code, details: message, metadata }: StatusObject): CallEnd {
  const [statusDetails] = metadata.get("grpc-status-details-bin");
  const inside = statusDetails instanceof Buffer ? parseStatusDetails(statusDetails) : undefined;
  const [pushback] = metadata.get("grpc-retry-pushback-ms");
  const status = {
    status: code as number as Status,
    message: code === 0 && message === "OK" ? undefined : message || inside?.message || message,
    details: inside?.details,
    metadata: received(metadata),
    ...(pushback === undefined ? {} : { retryPushback: Number(pushback) >= 0 ? Number(pushback) : ("never" as const) }),
  };
  return { ...status, detailsCode: inside?.code, origin: code === Status.OK ? "peer" : originOf(status) };
}
