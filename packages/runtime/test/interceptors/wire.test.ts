// Interceptors that do nothing must not change a byte of what is sent, whichever side has them.
import { connect as connectTcp } from "node:net";
import { describe, expect, test } from "vitest";
import { BadRequestSchema } from "../../src/error-details.js";
import {
  type ClientInterceptor,
  detail,
  GRPCError,
  type ServerContext,
  type ServerInterceptor,
  Status,
} from "../../src/index.js";
import { call, handleAll, kinds } from "../calls/kinds.js";
import { FrameReader, FrameType, preface, type ReceivedFrame } from "../frames/frame.js";
import { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import type { TestRequest } from "../gen/test/v1/test_pb.js";
import { openChannel, startServer, startTcpServer } from "../harness.js";

const client: ClientInterceptor = async (_call, next) => next();
const server: ServerInterceptor = async (_call, next) => next();

interface Interceptors {
  readonly client: readonly ClientInterceptor[];
  readonly server: readonly ServerInterceptor[];
}

const none: Interceptors = { client: [], server: [] };

const invalid = new GRPCError(Status.INVALID_ARGUMENT, "The text is wrong", [
  detail(BadRequestSchema, { fieldViolations: [{ field: "text", description: "is wrong" }] }),
]);

/** Does what the text of the first request says. */
async function respond(context: ServerContext, [request]: readonly TestRequest[]) {
  switch (request?.text) {
    case "fail":
      throw invalid;
    case "metadata":
      context.sendInitialMetadata({ initial: "1" });
      context.trailingMetadata.set("trailing", context.metadata.get("key") ?? "");
      break;
    case "compress":
      context.compression = "gzip";
      return { text: "a".repeat(1000) };
  }
  return { text: "done", number: 42 };
}

const handlers = {
  ...handleAll(respond),
  async *serverStream(request: TestRequest, context: ServerContext) {
    yield await respond(context, [request]);
    for (let number = 0; number < 3; number++) yield { number };
  },
};

const calls: Record<string, (stub: TestServiceStub) => Promise<unknown>> = {
  async success(stub) {
    for (const kind of kinds) await call(stub, kind, {}, { text: "succeed" });
  },
  async "typed error"(stub) {
    for (const kind of kinds) await call(stub, kind, {}, { text: "fail" }).catch(() => {});
  },
  async metadata(stub) {
    for (const kind of kinds) await call(stub, kind, { metadata: { key: "value" } }, { text: "metadata" });
  },
  async compression(stub) {
    for (const kind of kinds) await call(stub, kind, { compression: "gzip" }, { text: "compress" });
  },
  async "open()"(stub) {
    await stub.bidi.open(async (stream) => {
      await stream.sendMessage({ text: "succeed" });
      await stream.sendMessage({ number: 2 });
      await stream.end();
      while ((await stream.recvMessage()) !== undefined);
    });
  },
  "deadline that has passed": async (stub) => await stub.unary.safe({}, { timeout: 0 }),
};

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
async function record(interceptors: Interceptors, makeCalls: (stub: TestServiceStub) => Promise<unknown>) {
  const { port } = await startServer(handlers, { interceptors: interceptors.server });
  const requests = new Map<number, Sent>();
  const responses = new Map<number, Sent>();
  const tap = await startTcpServer((socket) => {
    const upstream = connectTcp(port, "127.0.0.1").on("error", () => {});
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
  await makeCalls(new TestServiceStub(channel));
  await channel.close();
  return { requests, responses };
}

describe("three interceptors that do nothing send the same bytes", () => {
  const three: Record<string, Interceptors> = {
    client: { ...none, client: [client, client, client] },
    server: { ...none, server: [server, server, server] },
  };
  for (const [side, interceptors] of Object.entries(three)) {
    test.for(Object.entries(calls))(`on the ${side}: %s`, async ([name, makeCalls]) => {
      const without = await record(none, makeCalls);
      expect(without.requests.size > 0).toBe(name !== "deadline that has passed");
      expect(await record(interceptors, makeCalls)).toEqual(without);
    });
  }
});
