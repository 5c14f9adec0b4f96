import type { ServerHttp2Stream } from "node:http2";
import type { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { type GRPCError, Status } from "../../src/index.js";
import { call, kinds } from "../calls/kinds.js";
import { FrameType } from "../frames/frame.js";
import { goaway } from "../frames/frames.js";
import { connect, moment, rejection, startTcpServer } from "../harness.js";
import { startFramePeer } from "./frame-server.js";
import { grpc, respond, responseFrame, startPeer } from "./raw-server.js";

const ok = { "grpc-status": "0" };
const answer = (stream: ServerHttp2Stream, text = "answer") =>
  respond(stream, { body: responseFrame({ text }), trailers: ok });

describe("connection lost", () => {
  const losses: Record<string, (stream: ServerHttp2Stream, socket: Socket) => void> = {
    "the socket is closed": (_stream, socket) => socket.destroy(),
    "the socket is reset": (_stream, socket) => socket.resetAndDestroy(),
    "the session is destroyed": ({ session }) => setImmediate(() => session?.destroy()),
    "the session is destroyed with a code": ({ session }) => setImmediate(() => session?.destroy(undefined, 2)),
  };
  for (const [name, lose] of Object.entries(losses)) {
    test.for(kinds)(`${name}, before the headers → UNAVAILABLE (%s)`, async (kind) => {
      const { stub } = await startPeer((stream, _headers, socket) => lose(stream, socket));
      const error = (await rejection(call(stub, kind))) as GRPCError;
      expect(error).toMatchObject({ name: "GRPCError", status: Status.UNAVAILABLE, origin: "client" });
      expect(error.cause).toBeInstanceOf(Error);
    });

    test.for(kinds)(`${name}, after a message → UNAVAILABLE (%s)`, async (kind) => {
      const { stub } = await startPeer((stream, _headers, socket) => {
        stream.respond(grpc);
        stream.write(responseFrame(), () => lose(stream, socket));
      });
      const error = (await rejection(call(stub, kind))) as GRPCError;
      expect(error).toMatchObject({ name: "GRPCError", status: Status.UNAVAILABLE, origin: "client" });
      expect(error.cause).toBeInstanceOf(Error);
    });
  }

  test.for(Object.entries(losses))("%s, with several calls → UNAVAILABLE for all of them", async ([, lose]) => {
    const { stub } = await startPeer((stream, _headers, socket) => lose(stream, socket));
    const errors = await Promise.all(kinds.map((kind) => rejection(call(stub, kind))));
    expect(errors).toMatchObject(kinds.map(() => ({ status: Status.UNAVAILABLE, origin: "client" })));
  });

  test.for(kinds)("the cause is the first error (%s)", async (kind) => {
    const { stub } = await startPeer((_stream, _headers, socket) => socket.resetAndDestroy());
    expect(await rejection(call(stub, kind))).toMatchObject({ cause: { code: "ECONNRESET" } });
  });

  test.for(kinds)("open() rejects with it, even if its function has not used the call (%s)", async (kind) => {
    const { stub } = await startPeer((_stream, headers, socket) => void (headers["lose"] && socket.destroy()));
    const error = await rejection(
      stub[kind].open(async (stream) => {
        await stream.sendMessage({});
        await rejection(stub.unary({}, { metadata: { lose: "yes" } }));
        return "unaware";
      }),
    );
    expect(error).toMatchObject({ name: "GRPCError", status: Status.UNAVAILABLE, origin: "client" });
  });

  test("all its calls fail, and the next one gets a new connection", async () => {
    const { stub, sessions, streams } = await startPeer((stream, _headers, socket) => {
      if (streams.length === 4) socket.destroy();
      if (streams.length > 4) answer(stream);
    });
    const results = kinds.map((kind) => rejection(call(stub, kind)));
    expect(await Promise.all(results)).toMatchObject(Array(4).fill({ status: Status.UNAVAILABLE, origin: "client" }));
    expect(await stub.unary({})).toMatchObject({ text: "answer" });
    expect(sessions).toHaveLength(2);
  });

  test("a connection that was lost while idle is replaced", async () => {
    let latest: Socket | undefined;
    const { stub, sessions } = await startPeer((stream, _headers, socket) => {
      latest = socket;
      answer(stream);
    });
    await stub.unary({});
    const closed = new Promise((resolve) => sessions[0]?.once("close", resolve));
    latest?.destroy();
    await closed;
    // Wait a few turns until the client notices it too.
    for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
    expect(await stub.unary({})).toMatchObject({ text: "answer" });
    expect(sessions).toHaveLength(2);
  });

  const strangers: Record<string, string> = {
    "ends the connection before its settings": "",
    "speaks another protocol": "HTTP/1.1 400 Bad Request\r\n\r\n",
  };
  test.for(Object.entries(strangers))("a server that %s is UNAVAILABLE", async ([, greeting]) => {
    const { address } = await startTcpServer((socket) => socket.resume().end(greeting));
    const stub = connect(address);
    const errors = await Promise.all(kinds.map((kind) => rejection(call(stub, kind))));
    expect(errors).toMatchObject(
      Array(4).fill({ status: Status.UNAVAILABLE, origin: "client", cause: expect.any(Error) }),
    );
  });
});

describe("GOAWAY", () => {
  test.for(kinds)("NO_ERROR: calls in flight finish, later ones get a new connection (%s)", async (kind) => {
    const release = moment();
    const { stub, sessions, streams } = await startPeer((stream) => {
      if (streams.length > 1) return answer(stream, "new connection");
      stream.session?.goaway(0, stream.id);
      stream.respond(grpc, { waitForTrailers: true });
      stream.once("wantTrailers", () => stream.sendTrailers(ok));
      void release.promise.then(() => stream.end(responseFrame({ text: "finished" })));
    });
    // The GOAWAY arrives before the headers.
    const headers = moment<unknown>();
    const first = call(stub, kind, { onHeaders: headers.happens });
    await headers.promise;
    expect(await call(stub, "unary")).toMatchObject([{ text: "new connection" }]);
    release.happens();
    expect(await first).toMatchObject([{ text: "finished" }]);
    expect(sessions).toHaveLength(2);
  });

  test.for(kinds)("NO_ERROR: calls beyond its last stream are UNAVAILABLE (%s)", async (kind) => {
    const { stub } = await startFramePeer(({ type }, connection) => {
      if (type === FrameType.HEADERS) connection.send(goaway(0, 0));
    });
    expect(await rejection(call(stub, kind))).toMatchObject({ status: Status.UNAVAILABLE, origin: "client" });
  });

  test.for(kinds)("another code: calls in flight are UNAVAILABLE, and the cause says why (%s)", async (kind) => {
    const { stub } = await startPeer((stream) => stream.session?.goaway(11, stream.id));
    const error = (await rejection(call(stub, kind))) as GRPCError;
    expect(error).toMatchObject({ status: Status.UNAVAILABLE, origin: "client" });
    expect(String(error.cause)).toContain("11");
  });

  test("the connection closes with its last call", async () => {
    const { stub, sessions } = await startPeer((stream) => {
      stream.session?.close();
      answer(stream);
    });
    await stub.unary({});
    await stub.unary({});
    while (!sessions.every(({ destroyed }) => destroyed)) await new Promise((resolve) => setImmediate(resolve));
    expect(sessions).toHaveLength(2);
  });
});

describe("settings", () => {
  test("calls over the peer's maxConcurrentStreams wait, but can expire or be cancelled", async () => {
    const waiting: ServerHttp2Stream[] = [];
    const full = moment();
    const { stub, streams } = await startPeer(
      (stream) => {
        waiting.push(stream);
        if (waiting.length === 2) full.happens();
      },
      { maxConcurrentStreams: 2 },
    );
    const abort = new AbortController();
    const open = [stub.unary({}), stub.unary({})];
    await full.promise;
    const cancelled = rejection(stub.unary({}, { signal: abort.signal }));
    const late = rejection(stub.unary({}, { timeout: 20 }));
    const queued = stub.unary({});
    abort.abort();
    expect(await cancelled).toMatchObject({ status: Status.CANCELLED });
    expect(await late).toMatchObject({ status: Status.DEADLINE_EXCEEDED });
    expect(streams).toHaveLength(2);
    for (const stream of waiting.splice(0)) answer(stream);
    await Promise.all(open);
    while (streams.length < 3) await new Promise((resolve) => setImmediate(resolve));
    for (const stream of waiting.splice(0)) answer(stream, "its turn");
    expect(await queued).toMatchObject({ text: "its turn" });
    expect(streams).toHaveLength(3);
  });
});
