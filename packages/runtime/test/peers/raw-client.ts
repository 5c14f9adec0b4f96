import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from "node:http2";
import { connect as connectTcp, type Socket } from "node:net";
import { onTestFinished } from "vitest";
import type { ServerContext } from "../../src/index.js";
import { handleAll } from "../calls/kinds.js";
import { frameMessage } from "../frames/grpc.js";
import { type Reports, startServer } from "../harness.js";

export { frameMessage as frame, requestMessage as requestFrame } from "../frames/grpc.js";

/** The paths of the test service's methods. */
export const paths = {
  unary: "/test.v1.TestService/Unary",
  serverStream: "/test.v1.TestService/ServerStream",
  clientStream: "/test.v1.TestService/ClientStream",
  bidi: "/test.v1.TestService/Bidi",
} as const;

/** A response in terms of HTTP/2. */
export interface RawAnswer {
  readonly headers: IncomingHttpHeaders;
  /** The last header block of the response. In a Trailers-Only response this is the block of headers. */
  readonly trailers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** The error code with which the stream was closed. */
  readonly code: number | undefined;
}

/** The parts of a raw request. */
export interface RawRequest {
  /** Headers in addition to those of gRPC. `undefined` leaves out one of the latter. */
  readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The body, in the chunks in which it is sent. Default: one empty message. */
  readonly body?: readonly Uint8Array[];
  /** Whether to end the request after the body. Default: true. */
  readonly end?: boolean;
}

/** A client that uses node:http2 directly, and can send invalid requests. */
export class RawClient {
  readonly session: ClientHttp2Session;
  readonly socket: Socket;

  /** Connects to a server. The connection is closed when the test is over. */
  constructor(address: string) {
    const { hostname, port } = new URL(address);
    this.socket = connectTcp(Number(port), hostname);
    this.session = connect(address, { createConnection: () => this.socket });
    this.session.on("error", () => {});
    onTestFinished(() => this.close());
  }

  /** Opens a stream, and leaves it to the caller to end it. */
  open({ headers = {}, body = [frameMessage()], end = true }: RawRequest = {}): ClientHttp2Stream {
    const all: OutgoingHttpHeaders = {
      ":method": "POST",
      ":path": "/test.v1.TestService/Unary",
      "content-type": "application/grpc",
      te: "trailers",
      ...(headers as OutgoingHttpHeaders),
    };
    for (const [name, value] of Object.entries(all)) if (value === undefined) delete all[name];
    const stream = this.session.request(all, { endStream: false });
    stream.on("error", () => {});
    for (const chunk of body) stream.write(chunk);
    if (end) stream.end();
    return stream;
  }

  /** Makes a request, and waits until its stream has closed. */
  async request(request: RawRequest = {}): Promise<RawAnswer> {
    return await answerOf(this.open(request));
  }

  /** Closes the connection, at once. */
  async close(): Promise<void> {
    if (this.session.destroyed) return;
    await new Promise<void>((resolve) => {
      this.session.once("close", resolve);
      this.session.destroy();
    });
  }
}

/** Waits until a stream has closed, and returns what it received. */
export async function answerOf(stream: ClientHttp2Stream): Promise<RawAnswer> {
  let headers: IncomingHttpHeaders = {};
  let trailers: IncomingHttpHeaders | undefined;
  const chunks: Buffer[] = [];
  stream.on("response", (received, flags) => {
    headers = received;
    if ((flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0) trailers = received;
  });
  stream.on("trailers", (received) => {
    trailers = received;
  });
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  await new Promise((resolve) => stream.once("close", resolve));
  return { headers, trailers: trailers ?? {}, body: Buffer.concat(chunks), code: stream.rstCode };
}

/** A server that lists the calls that reach a handler, and a raw client of it. */
export async function startForRaw(
  respond: (context: ServerContext) => object | Promise<object> = () => ({ text: "answer" }),
): Promise<{ readonly client: RawClient; readonly calls: readonly ServerContext[]; readonly reports: Reports }> {
  const calls: ServerContext[] = [];
  const { address, reports } = await startServer(
    handleAll((context) => {
      calls.push(context);
      return respond(context);
    }),
    { maxReceiveMessageBytes: 1000 },
  );
  return { client: new RawClient(address), calls, reports };
}
