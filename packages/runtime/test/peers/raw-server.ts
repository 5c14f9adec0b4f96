import {
  createServer,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
  type ServerOptions,
  type Settings,
} from "node:http2";
import type { AddressInfo, Socket } from "node:net";
import { onTestFinished } from "vitest";
import type { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import { connect } from "../harness.js";

export { responseMessage as responseFrame } from "../frames/grpc.js";

/** What a fake server does with a stream. `socket` is that of its connection. */
export type Script = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, socket: Socket) => void;

/** A server that uses node:http2 directly and follows a script, and a stub connected to it. */
export interface Peer {
  readonly stub: TestServiceStub;
  readonly address: string;
  /** The connections so far. */
  readonly sessions: readonly ServerHttp2Session[];
  /** The streams so far. */
  readonly streams: readonly ServerHttp2Stream[];
}

/** Starts a server that runs a script for each stream. It is closed when the test is over. */
export async function startPeer(script: Script, settings: Settings = {}, options: ServerOptions = {}): Promise<Peer> {
  const sessions: ServerHttp2Session[] = [];
  const streams: ServerHttp2Stream[] = [];
  const sockets = new Map<ServerHttp2Session | undefined, Socket>();
  let latest: Socket;
  const server = createServer({ ...options, settings });
  server.prependListener("connection", (socket: Socket) => {
    latest = socket;
  });
  server.on("session", (session) => {
    sessions.push(session);
    sockets.set(session, latest);
    session.on("error", () => {});
  });
  server.on("sessionError", () => {});
  server.on("stream", (stream, headers) => {
    streams.push(stream);
    stream.on("error", () => {});
    // node:http2 would reset an unread stream as soon as the response has ended.
    stream.resume();
    script(stream, headers, sockets.get(stream.session as ServerHttp2Session) ?? latest);
  });
  onTestFinished(async () => {
    for (const session of sessions) session.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { stub: connect(address), address, sessions, streams };
}

/** The headers of a gRPC response. */
export const grpc: OutgoingHttpHeaders = { ":status": 200, "content-type": "application/grpc" };

/** Responds with headers, a body and trailers. Without trailers, the body ends the stream. */
export function respond(
  stream: ServerHttp2Stream,
  answer: {
    readonly headers?: OutgoingHttpHeaders;
    readonly body?: Uint8Array;
    readonly trailers?: OutgoingHttpHeaders | undefined;
  },
): void {
  const { headers = grpc, body, trailers } = answer;
  stream.respond(headers, { waitForTrailers: trailers !== undefined });
  if (trailers !== undefined) stream.once("wantTrailers", () => stream.sendTrailers(trailers));
  stream.end(body);
}

/** Responds with a single block of headers. */
export function respondHeadersOnly(stream: ServerHttp2Stream, headers: OutgoingHttpHeaders): void {
  stream.respond(headers, { endStream: true });
}
