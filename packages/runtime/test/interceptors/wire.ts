import { connect as connectTcp, type Socket } from "node:net";
import type { ClientInterceptor, ServerInterceptor } from "../../src/index.js";
import type { TestHandlers } from "../calls/kinds.js";
import { FrameReader, FrameType, preface, type ReceivedFrame } from "../frames/frame.js";
import { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import { openChannel, startServer, startTcpServer } from "../harness.js";

const client: ClientInterceptor = async (_call, next) => next();
const server: ServerInterceptor = async (_call, next) => next();

export interface Interceptors {
  readonly client: readonly ClientInterceptor[];
  readonly server: readonly ServerInterceptor[];
}

export const none: Interceptors = { client: [], server: [] };

/** Three interceptors on one of the sides. */
export const three: Record<"client" | "server", Interceptors> = {
  client: { ...none, client: [client, client, client] },
  server: { ...none, server: [server, server, server] },
};

/** Makes calls. `disconnect` closes the connection. */
export type MakeCalls = (stub: TestServiceStub, disconnect: () => void) => Promise<unknown>;

/** What was sent on a stream: headers as they are encoded, and data without the borders of its frames. */
type Sent = string[];

/** Adds the frames of a chunk to the streams. Other frames than these depend on when data arrives. */
function addTo(streams: Map<number, Sent>, { type, flags, stream, payload }: ReceivedFrame): void {
  if (type !== FrameType.HEADERS && type !== FrameType.DATA && type !== FrameType.RST_STREAM) return;
  const sent = streams.get(stream) ?? [];
  streams.set(stream, sent);
  const hex = Buffer.from(payload).toString("hex");
  if (type === FrameType.DATA && sent.at(-1)?.startsWith("data ")) sent.push(`${sent.pop()}${hex}`);
  else if (type !== FrameType.DATA || hex !== "") sent.push(`${names[type]} ${hex}`);
  if (type !== FrameType.RST_STREAM && flags & 1) sent.push("end");
}

const names: Record<number, string> = {
  [FrameType.HEADERS]: "headers",
  [FrameType.DATA]: "data",
  [FrameType.RST_STREAM]: "reset",
};

/** Makes calls on a new connection, and returns what both sides have sent on each stream. */
export async function record(handlers: TestHandlers, interceptors: Interceptors, makeCalls: MakeCalls) {
  const { port } = await startServer(handlers, { interceptors: interceptors.server });
  const requests = new Map<number, Sent>();
  const responses = new Map<number, Sent>();
  const sockets: Socket[] = [];
  const tap = await startTcpServer((socket) => {
    const upstream = connectTcp(port, "127.0.0.1").on("error", () => {});
    sockets.push(socket);
    const [fromClient, fromServer] = [new FrameReader(preface.length), new FrameReader()];
    socket.on("data", (chunk) => {
      for (const frame of fromClient.push(chunk)) addTo(requests, frame);
      upstream.write(chunk);
    });
    upstream.on("data", (chunk) => {
      for (const frame of fromServer.push(chunk)) addTo(responses, frame);
      socket.write(chunk);
    });
    socket.on("close", () => upstream.destroy());
    upstream.on("close", () => socket.destroy());
  });
  const channel = openChannel(tap.address, { authority: "books.example", interceptors: interceptors.client });
  await makeCalls(new TestServiceStub(channel), () => {
    for (const socket of sockets) socket.destroy();
  });
  await channel.close();
  return { requests, responses };
}
