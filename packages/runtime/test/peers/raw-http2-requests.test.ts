import { type ClientHttp2Stream, constants } from "node:http2";
import { describe, expect, test } from "vitest";
import { type ServerContext, Status, StreamTerminatedError } from "../../src/index.js";
import type { Server } from "../../src/node.js";
import { handleRequests } from "../calls/kinds.js";
import { moment, startServer } from "../harness.js";
import { answerOf, frame, paths, RawClient, type RawRequest, requestFrame, startForRaw } from "./raw-client.js";
import { responseFrame } from "./raw-server.js";

const everyPath = Object.values(paths);

describe("a request that is served", () => {
  test.for(everyPath)("%s: it gets headers, messages and trailers", async (path) => {
    const { client } = await startForRaw();
    const { headers, trailers, body } = await client.request({ headers: { ":path": path } });
    expect(headers).toMatchObject({ ":status": 200, "content-type": "application/grpc" });
    expect(headers).not.toHaveProperty("date");
    expect(body).toEqual(Buffer.from(responseFrame({ text: "answer" })));
    expect(Object.entries(trailers)).toEqual([["grpc-status", "0"]]);
  });

  const accepted: Record<string, RawRequest> = {
    "te: trailers is missing": { headers: { te: undefined } },
    "content-type application/grpc+proto": { headers: { "content-type": "application/grpc+proto" } },
    "content-type with parameters": { headers: { "content-type": "application/grpc; charset=utf-8" } },
    "content-type in capitals": { headers: { "content-type": "Application/GRPC" } },
    "grpc-encoding: identity": { headers: { "grpc-encoding": "identity" } },
    "-bin metadata with padding": { headers: { "a-bin": "AQ==" } },
    "-bin metadata without padding": { headers: { "a-bin": "AQ" } },
    "-bin metadata joined by commas": { headers: { "a-bin": "AQ,AQ==, AQ" } },
    "the longest grpc-timeout": { headers: { "grpc-timeout": "99999999H" } },
    "a body in many chunks": { body: [...requestFrame({ text: "in pieces" })].map((byte) => Uint8Array.of(byte)) },
    "a frame and the end of the stream sent separately": { body: [frame(), new Uint8Array(0)] },
    "an unknown field in the message": { body: [frame(Uint8Array.of(0xf8, 0x07, 0x01))] },
  };
  test.for(Object.entries(accepted))("it is accepted: %s", async ([, request]) => {
    const { client, calls } = await startForRaw();
    const { headers, trailers } = await client.request(request);
    expect(headers[":status"]).toBe(200);
    expect(trailers["grpc-status"]).toBe("0");
    expect(calls).toHaveLength(1);
  });
});

describe("a client that keeps sending", () => {
  test.for([paths.clientStream, paths.bidi])("%s: trailers first, then a reset with NO_ERROR", async (path) => {
    const { address } = await startServer({
      clientStream: () => ({ text: "enough" }),
      async *bidi() {
        yield { text: "enough" };
      },
    });
    const answer = await new RawClient(address).request({ headers: { ":path": path }, body: [frame()], end: false });
    expect(answer.trailers["grpc-status"]).toBe("0");
    expect(answer.body).toEqual(Buffer.from(responseFrame({ text: "enough" })));
    expect(answer.code).toBe(constants.NGHTTP2_NO_ERROR);
  });

  test("not gRPC: the response first, then a reset with NO_ERROR", async () => {
    const { client } = await startForRaw();
    const { headers, code } = await client.request({ headers: { "content-type": "text/plain" }, body: [], end: false });
    expect([headers[":status"], code]).toEqual([415, constants.NGHTTP2_NO_ERROR]);
  });
});

describe("a handler that waits for a request gets signal.reason, not the end of the requests,", () => {
  interface Ending {
    readonly status: Status;
    readonly headers?: Readonly<Record<string, string>>;
    /** The event that ends the call while the handler waits. */
    readonly act?: (stream: ClientHttp2Stream, server: Server) => unknown;
    readonly reports?: readonly unknown[];
  }
  const endings: Record<string, Ending> = {
    "when the deadline passes": { status: Status.DEADLINE_EXCEEDED, headers: { "grpc-timeout": "100m" } },
    "when the server closes": { status: Status.UNAVAILABLE, act: (_, server) => server.close({ grace: 0 }) },
    "when a message cannot be decoded": {
      status: Status.INTERNAL,
      act: (stream) => stream.write(frame(Uint8Array.of(0xff))),
      reports: [{ error: { message: "Cannot decode test.v1.TestRequest" } }],
    },
    "when a message is too large": {
      status: Status.RESOURCE_EXHAUSTED,
      act: (stream) => stream.write(frame(new Uint8Array(1001))),
    },
    "when the requests end within a message": {
      status: Status.INTERNAL,
      act: (stream) => stream.end(frame(Uint8Array.of(1, 2)).subarray(0, 6)),
    },
  };
  const cases = Object.entries(endings).flatMap(([when, ending]) =>
    (["clientStream", "bidi"] as const).map((kind) => ({ when, ending, kind })),
  );
  test.for(cases)("$when: $kind", async ({ kind, ending: { status, headers, act, reports: expectedReports = [] } }) => {
    const first = moment();
    const left = moment<{ readonly by: unknown; readonly reason: unknown }>();
    const read = async (requests: AsyncIterable<unknown>, { signal }: ServerContext) => {
      try {
        for await (const _ of requests) first.happens();
        left.happens({ by: "the end of the requests", reason: signal.reason });
      } catch (by) {
        left.happens({ by, reason: signal.reason });
        throw by;
      }
    };
    const { address, server, reports } = await startServer(handleRequests(read), { maxReceiveMessageBytes: 1000 });
    const stream = new RawClient(address).open({ headers: { ":path": paths[kind], ...headers }, end: false });
    const answer = answerOf(stream);
    await first.promise;
    // By then the handler waits for the next request.
    await new Promise(setImmediate);
    await act?.(stream, server);
    const { by, reason } = await left.promise;
    expect(by).toMatchObject({ status });
    expect(by).toBe(reason);
    expect((await answer).trailers["grpc-status"]).toBe(String(status));
    expect(reports.take()).toMatchObject(expectedReports);
  });
});

describe("the deadline of a client that does not cancel", () => {
  test.for(everyPath)("%s: the server responds when it expires, whatever the handler does", async (path) => {
    const aborted = moment<unknown>();
    const release = moment();
    const { client } = await startForRaw(async ({ signal }) => {
      signal.addEventListener("abort", () => aborted.happens(signal.reason));
      await release.promise;
      return {};
    });
    const stream = client.open({ headers: { ":path": path, "grpc-timeout": "30m" } });
    const { trailers, code } = await answerOf(stream);
    expect(trailers).toMatchObject({ "grpc-status": String(Status.DEADLINE_EXCEEDED) });
    expect(code).toBe(constants.NGHTTP2_NO_ERROR);
    expect(await aborted.promise).toMatchObject({ name: "GRPCError", status: Status.DEADLINE_EXCEEDED });
    release.happens();
  });

  test("the server also responds while the request is incomplete", async () => {
    const { client, calls } = await startForRaw();
    const { trailers } = await client.request({ headers: { "grpc-timeout": "30m" }, body: [], end: false });
    expect(trailers).toMatchObject({ "grpc-status": String(Status.DEADLINE_EXCEEDED) });
    expect(calls).toEqual([]);
  });
});

describe("a client that disconnects or resets", () => {
  /** Starts a call whose handler waits. Returns the reason of its signal once that is aborted. */
  async function startWaiting(path: string) {
    const running = moment();
    const aborted = moment<unknown>();
    const { client } = await startForRaw(async ({ signal }) => {
      running.happens();
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      aborted.happens(signal.reason);
      throw signal.reason;
    });
    const stream = client.open({ headers: { ":path": path } });
    await running.promise;
    return { client, stream, aborted: aborted.promise };
  }

  test.for(everyPath)("%s: signal.reason says that the connection was lost", async (path) => {
    const { client, aborted } = await startWaiting(path);
    client.socket.destroy();
    const reason = await aborted;
    expect(reason).toBeInstanceOf(StreamTerminatedError);
    expect(reason).toMatchObject({ code: undefined, message: expect.stringContaining("connection") });
  });

  test.for(everyPath)("%s: signal.reason has the code of a reset", async (path) => {
    const { stream, aborted } = await startWaiting(path);
    stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    const reason = await aborted;
    expect(reason).toBeInstanceOf(StreamTerminatedError);
    expect(reason).toMatchObject({ code: 2, message: expect.stringContaining("INTERNAL_ERROR") });
  });
});
