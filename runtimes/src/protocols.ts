import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-web";
import type { Transport } from "@grpclib-ts/runtime";
import { connectTransport } from "@grpclib-ts/runtime/connect";
import { Channel } from "@grpclib-ts/runtime/node";
import type { Kind } from "./kinds.js";

/** The key and the certificate of a server, which it also accepts from clients. */
export interface Credentials {
  readonly key: string;
  readonly cert: string;
}

/** How a client reaches a server. */
export interface ProtocolClient {
  readonly kinds: readonly Kind[];
  /** Whether it is HTTP/2 over `Channel` and `Server`. */
  readonly http2: boolean;
  /** What a handler observes whose client has left. */
  readonly clientLeft: string;
  /** Several texts of a key in metadata, as they arrive. */
  arrive(texts: readonly string[]): readonly string[];
  connect(address: string, credentials: Credentials): Transport;
}

const overFetch = {
  // No streams of requests.
  kinds: ["unary", "server streaming"],
  http2: false,
  clientLeft: "StreamTerminatedError: The client has left",
  arrive: (texts) => [texts.join(", ")],
} satisfies Partial<ProtocolClient>;

export const protocols = {
  grpc: {
    kinds: ["unary", "server streaming", "client streaming", "bidirectional streaming"],
    http2: true,
    clientLeft: "StreamTerminatedError: The client reset the stream with CANCEL (8)",
    arrive: (texts) => texts,
    connect: (address, { key, cert }) =>
      new Channel(address, address.startsWith("https:") ? { tls: { ca: cert, key, cert } } : {}),
  },
  connect: {
    ...overFetch,
    connect: (address) => connectTransport(createConnectTransport({ baseUrl: address })),
  },
  "grpc-web": {
    ...overFetch,
    connect: (address) => connectTransport(createGrpcWebTransport({ baseUrl: address })),
  },
} satisfies Record<string, ProtocolClient>;

export type Protocol = keyof typeof protocols;
