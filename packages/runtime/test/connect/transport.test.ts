import { randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import { create, toBinary } from "@bufbuild/protobuf";
import {
  Code,
  ConnectError,
  type ConnectRouter,
  type Transport as ConnectTransport,
  createRouterTransport,
  encodeBinaryHeader,
  type Interceptor,
} from "@connectrpc/connect";
import {
  createGrpcTransport,
  createConnectTransport as createNodeTransport,
  Http2SessionManager,
} from "@connectrpc/connect-node";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-web";
import { describe, expect, test } from "vitest";
import { bindStub } from "../../src/client/stub.js";
import { connectTransport } from "../../src/connect.js";
import { methodErrors } from "../../src/errors/contract.js";
import { StatusSchema } from "../../src/gen/google/rpc/status_pb.js";
import { type CallOptions, type GRPCError, Status, type Transport, Unknown } from "../../src/index.js";
import { type CallEnd, receivedMetadata } from "../../src/transport.js";
import { call, type Kind, kinds } from "../calls/kinds.js";
import { FrameType, preface } from "../frames/frame.js";
import { FrameConnection } from "../frames/frame-connection.js";
import { data, headers, settings } from "../frames/frames.js";
import { responseFields, responseMessage } from "../frames/grpc.js";
import { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import { OwnDetailSchema, TestRequestSchema, TestResponseSchema, TestService } from "../gen/test/v1/test_pb.js";
import { collect, moment, rejection, startTcpServer, unusedPort } from "../harness.js";
import { copying } from "../transport/copying.js";
import { bothWays, overFetch, type RouterHandlers, type Start } from "./router-server.js";

const single: readonly Kind[] = ["unary", "serverStream"];
const cases = [
  ...Object.entries(bothWays).flatMap(([name, start]) => kinds.map((kind) => [name, kind, start] as const)),
  ...Object.entries(overFetch).flatMap(([name, start]) => single.map((kind) => [name, kind, start] as const)),
];
const everywhere = Object.entries({ ...bothWays, ...overFetch });

const stubOf = async (start: Start, handlers: RouterHandlers) =>
  new TestServiceStub(connectTransport(await start(handlers)));

/** Handlers for all kinds, which read one request and respond. */
function respond(respond: (context: Parameters<NonNullable<RouterHandlers["unary"]>>[1], text: string) => unknown) {
  const first = async (requests: AsyncIterable<{ text: string }>) => (await collect(requests))[0]?.text ?? "";
  return {
    unary: (request, context) => respond(context, request.text),
    async *serverStream(request, context) {
      yield await respond(context, request.text);
    },
    clientStream: async (requests, context) => respond(context, await first(requests)),
    async *bidi(requests, context) {
      yield await respond(context, await first(requests));
    },
  } as RouterHandlers;
}

/** Binds a stub with an error that a method declares for a status, without details. */
function declaring(transport: ConnectTransport, status: Status): TestServiceStub {
  const connected = connectTransport(transport);
  const stub = new TestServiceStub(connected);
  const errors = { Unary: methodErrors(TestService.method.unary, { DECLARED: { status } }) };
  bindStub(stub, connected, TestService, errors as never);
  return stub;
}

test.for(cases)("%s, %s: a call succeeds, with metadata both ways", async ([, kind, start]) => {
  const stub = await stubOf(
    start,
    respond((context, text) => {
      const { requestHeader, responseHeader, responseTrailer } = context;
      responseHeader.set("greeting", requestHeader.get("who") ?? "");
      responseHeader.set("bytes-bin", requestHeader.get("bytes-bin") ?? "");
      responseTrailer.append("farewell", "bye");
      responseTrailer.append("farewell", "see you");
      return { text };
    }),
  );
  const seen: Record<string, string[]>[] = [];
  const options: CallOptions = {
    metadata: [
      ["who", "a"],
      ["who", "b"],
      ["bytes-bin", Uint8Array.of(1, 2)],
      ["bytes-bin", Uint8Array.of(250)],
    ],
    onHeaders: (metadata) => {
      const { vary: _, ...rest } = metadata.toJSON();
      expect(metadata.getAll("bytes-bin")).toEqual([Uint8Array.of(1, 2), Uint8Array.of(250)]);
      seen.push(rest);
    },
    onTrailers: (metadata) => seen.push(metadata.toJSON()),
  };
  expect(await call(stub, kind, options, { text: "hello" })).toMatchObject([{ text: "hello" }]);
  expect(seen).toEqual([{ greeting: ["a, b"], "bytes-bin": ["AQI=", "+g=="] }, { farewell: ["bye, see you"] }]);
});

test.for(cases)("%s, %s: an error of the server has its details and its metadata", async ([, kind, start]) => {
  const stub = await stubOf(
    start,
    respond(() => {
      const own = { desc: OwnDetailSchema, value: { text: "a" } };
      const unknown = { type: "other.v1.Detail", value: Uint8Array.of(8, 1) };
      const error = new ConnectError("no such book: ☃", Code.NotFound, { "request-id": "7" }, [own]);
      error.details.push(unknown);
      throw error;
    }),
  );
  const error = (await rejection(call(stub, kind))) as GRPCError;
  expect(error).toMatchObject({ status: Status.NOT_FOUND, statusMessage: "no such book: ☃", origin: "peer" });
  expect(error.metadata?.get("request-id")).toBe("7");
  expect(error.details).toEqual([create(OwnDetailSchema, { text: "a" }), expect.any(Unknown)]);
  expect(error.details?.[1]).toMatchObject({
    typeUrl: "type.googleapis.com/other.v1.Detail",
    value: Uint8Array.of(8, 1),
  });
});

test.for(everywhere)("%s: a status of the server matches a declared error", async ([, start]) => {
  const transport = await start({ unary: () => Promise.reject(new ConnectError("down", Code.Unavailable)) });
  const stub = declaring(transport, Status.UNAVAILABLE);
  expect(await rejection(stub.unary({}))).toMatchObject({ origin: "peer", kind: "DECLARED" });
});

test.for(cases)("%s, %s: a deadline that passes has the text of this library", async ([, kind, start]) => {
  const never = () => new Promise<never>(() => {});
  const error = await rejection(call(await stubOf(start, respond(never)), kind, { timeout: 50 }));
  expect(error).toMatchObject({
    status: Status.DEADLINE_EXCEEDED,
    origin: "client",
    message: expect.stringMatching(/^Deadline exceeded (while waiting for the response|during the response)$/),
  });
});

test.for(cases)("%s, %s: a signal cancels the call on both sides", async ([, kind, start]) => {
  const running = moment();
  const cancelled = moment();
  const wait = ({ signal }: { signal: AbortSignal }) =>
    new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => {
        cancelled.happens();
        reject(signal.reason);
      });
      running.happens();
    });
  const controller = new AbortController();
  const outcome = rejection(call(await stubOf(start, respond(wait)), kind, { signal: controller.signal }));
  await running.promise;
  controller.abort("enough");
  expect(await outcome).toMatchObject({ status: Status.CANCELLED, cause: "enough", origin: "client" });
  await cancelled.promise;
});

test.for(everywhere)("%s: leaving the responses early cancels the call", async ([, start]) => {
  const left = moment();
  const stub = await stubOf(start, {
    async *serverStream(_request, { signal }) {
      signal.addEventListener("abort", () => left.happens());
      for (let number = 0; ; number++) yield { number };
    },
  });
  for await (const { number } of stub.serverStream({})) if (number === 3) break;
  await left.promise;
});

test.for(everywhere)("%s: responses arrive before the error that follows them", async ([, start]) => {
  const stub = await stubOf(start, {
    async *serverStream(_request, { responseHeader }) {
      responseHeader.set("key", "of the headers");
      for (let number = 0; number < 20; number++) yield { number };
      throw new ConnectError("no more", Code.Aborted, { key: "of the trailers" });
    },
  });
  const received: number[] = [];
  const read = async () => {
    for await (const { number } of stub.serverStream({})) {
      received.push(number);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const error = (await rejection(read())) as GRPCError;
  expect(error).toMatchObject({ status: Status.ABORTED, message: "no more", origin: "peer" });
  // Connect joins both.
  expect(error.metadata?.getAll("key")).toEqual(["of the trailers"]);
  expect(received).toHaveLength(20);
});

test.for(Object.entries(bothWays))("%s: open() sends and receives step by step", async ([, start]) => {
  const stub = await stubOf(start, {
    async *bidi(requests) {
      for await (const { text } of requests) yield { text: text.toUpperCase() };
    },
  });
  const seen = await stub.bidi.open(async (stream) => {
    await stream.sendMessage({ text: "a" });
    const first = await stream.recvMessage();
    await stream.sendMessage({ text: "b" });
    await stream.end();
    return [first?.text, ...(await collect(stream)).map(({ text }) => text)];
  });
  expect(seen).toEqual(["A", "B"]);
});

const settle = () => new Promise((resolve) => setTimeout(resolve, 200));

test.for(Object.entries(bothWays))("%s: a slow handler holds the client back", async ([name, start]) => {
  const open = moment();
  const stub = await stubOf(start, {
    async clientStream(requests) {
      await open.promise;
      return { number: (await collect(requests)).length };
    },
  });
  let produced = 0;
  async function* requests() {
    for (; produced < 200; produced++) yield { data: new Uint8Array(100_000) };
  }
  const answer = stub.clientStream(requests());
  await settle();
  expect(produced).toBeLessThan(name === "router" ? 5 : 60);
  open.happens();
  expect(await answer).toMatchObject({ number: 200 });
});

test.for(Object.entries(bothWays))("%s: a slow reader holds the server back", async ([name, start]) => {
  // Compressed, zeros would fit into the flow-control window.
  const data = new Uint8Array(randomBytes(100_000));
  let sent = 0;
  const stub = await stubOf(start, {
    async *serverStream() {
      for (; sent < 200; sent++) yield { data };
    },
  });
  await stub.serverStream.open(async (stream) => {
    await stream.sendMessage({});
    await settle();
    expect(sent).toBeLessThan(name === "router" ? 5 : 60);
    expect(await collect(stream)).toHaveLength(200);
  });
});

describe("a sender that does not read", () => {
  /** Sends requests until the call is over. @returns how many */
  const send = (stub: TestServiceStub) =>
    stub.bidi.open(async (stream) => {
      let sent = 0;
      for (; sent < 200; sent++) {
        await stream.sendMessage({ data: new Uint8Array(1000) });
        await new Promise((resolve) => setImmediate(resolve));
      }
      return sent;
    });
  const first = async (requests: AsyncIterable<unknown>) => {
    for await (const _ of requests) break;
  };

  test.for(Object.entries(bothWays))("%s: learns of an error", async ([, start]) => {
    const stub = await stubOf(start, {
      async *bidi(requests) {
        await first(requests);
        for (let number = 0; number < 10; number++) yield { number };
        throw new ConnectError("gone", Code.NotFound);
      },
    });
    expect(await rejection(send(stub))).toMatchObject({ status: Status.NOT_FOUND, message: "gone", origin: "peer" });
  });

  test.for(Object.entries(bothWays))("%s: does not wait for a call that has succeeded", async ([, start]) => {
    const stub = await stubOf(start, {
      async *bidi(requests) {
        await first(requests);
        yield {};
      },
    });
    expect(await send(stub)).toBe(200);
  });

  test("learns that the connection is lost", async () => {
    const { address: baseUrl } = await startTcpServer((socket) => {
      const connection = new FrameConnection(socket, preface.length, ({ type, stream }) => {
        if (type === FrameType.HEADERS)
          connection.send(headers(stream, responseFields), data(stream, responseMessage()));
        if (type === FrameType.DATA) socket.destroy();
      });
      connection.send(settings());
    });
    const sessionManager = new Http2SessionManager(baseUrl);
    const stub = new TestServiceStub(connectTransport(createGrpcTransport({ baseUrl, sessionManager })));
    expect(await rejection(send(stub))).toMatchObject({ status: Status.UNAVAILABLE, origin: "client" });
    sessionManager.abort();
  });

  test("gets the responses that have arrived meanwhile, and holds the server back", async () => {
    let sent = 0;
    const stub = await stubOf(bothWays["router"] as Start, {
      async *bidi() {
        for (; sent < 1000; sent++) yield { number: sent };
      },
    });
    await stub.bidi.open(async (stream) => {
      const sending = Promise.all([1, 2, 3].map((number) => stream.sendMessage({ number })));
      await settle();
      expect(sent).toBeGreaterThan(10);
      expect(sent).toBeLessThan(100);
      expect((await collect(stream)).map(({ number }) => number)).toEqual(Array.from({ length: 1000 }, (_, n) => n));
      await sending;
    });
  });
});

describe("a failure on this side", () => {
  const address = async () => `http://127.0.0.1:${await unusedPort()}`;
  const transports: Record<string, (baseUrl: string) => ConnectTransport> = {
    Connect: (baseUrl) => createConnectTransport({ baseUrl }),
    "gRPC-Web": (baseUrl) => createGrpcWebTransport({ baseUrl }),
  };

  test.for(Object.entries(transports))(
    "%s: a server that cannot be reached is UNAVAILABLE, and declares nothing",
    async ([, create]) => {
      const stub = declaring(create(await address()), Status.UNAVAILABLE);
      expect(await rejection(stub.unary({}))).toMatchObject({
        status: Status.UNAVAILABLE,
        message: "No response: fetch failed",
        cause: expect.any(TypeError),
        origin: "client",
        kind: undefined,
      });
    },
  );

  test("a connection that Node cannot open is UNAVAILABLE", async () => {
    const { port } = await startTcpServer((socket) => socket.destroy());
    const transport = createNodeTransport({ httpVersion: "1.1", baseUrl: `https://127.0.0.1:${port}` });
    expect(await rejection(declaring(transport, Status.UNAVAILABLE).unary({}))).toMatchObject({
      status: Status.UNAVAILABLE,
      message: expect.stringMatching(/^No response: /),
      origin: "client",
      kind: undefined,
    });
  });

  test.for(kinds)("%s: a connection that the server ends during a call is UNAVAILABLE", async (kind) => {
    const { address: baseUrl } = await startTcpServer((socket) => {
      socket.once("data", () => socket.end());
    });
    for (const create of [createNodeTransport, createGrpcTransport]) {
      const sessionManager = new Http2SessionManager(baseUrl);
      const stub = new TestServiceStub(connectTransport(create({ httpVersion: "2", baseUrl, sessionManager })));
      expect(await rejection(call(stub, kind))).toMatchObject({
        status: Status.UNAVAILABLE,
        message: "No response: http/2 stream closed with error code CANCEL (0x8)",
        origin: "client",
      });
      sessionManager.abort();
    }
  });

  test("a connection that is lost after a response is UNAVAILABLE, and the message does not deny the response", async () => {
    const pull = moment();
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(new Uint8Array(5)),
      async pull(controller) {
        await pull.promise;
        controller.error(new TypeError("terminated"));
      },
    });
    const fetch = async () => new Response(body, { headers: { "content-type": "application/grpc-web+proto" } });
    const stub = new TestServiceStub(connectTransport(createGrpcWebTransport({ baseUrl: "http://a", fetch })));
    await stub.serverStream.open(async (stream) => {
      await stream.sendMessage({});
      expect(await stream.recvMessage()).toBeDefined();
      pull.happens();
      expect(await rejection(stream.recvMessage())).toMatchObject({
        status: Status.UNAVAILABLE,
        message: "The connection was lost: terminated",
        origin: "client",
      });
    });
  });

  test.for([
    ["is not gzip", Buffer.from("not gzip"), Status.INTERNAL],
    ["is incomplete", gzipSync("text").subarray(0, 15), Status.INTERNAL],
    ["is larger than the limit", gzipSync(Buffer.alloc(1000)), Status.RESOURCE_EXHAUSTED],
  ] as const)("a compressed response that %s is not a lost connection", async ([, body, status]) => {
    const head = `HTTP/1.1 200 OK\r\ncontent-type: application/proto\r\ncontent-encoding: gzip\r\nconnection: close`;
    const { port } = await startTcpServer((socket) => {
      socket.once("data", () => socket.end(Buffer.concat([Buffer.from(`${head}\r\n\r\n`), body])));
    });
    const baseUrl = `http://127.0.0.1:${port}`;
    const options = { httpVersion: "1.1", baseUrl, useBinaryFormat: true, readMaxBytes: 100 } as const;
    const stub = new TestServiceStub(connectTransport(createNodeTransport(options)));
    expect(await rejection(stub.unary({}))).toMatchObject({ status, origin: "client", cause: expect.any(Error) });
  });

  test("INVALID_ARGUMENT of an interceptor of Connect remains", async () => {
    const check: Interceptor = () => () => {
      throw new ConnectError("the title is missing", Code.InvalidArgument);
    };
    const stub = new TestServiceStub(
      connectTransport(createConnectTransport({ baseUrl: "http://a", interceptors: [check] })),
    );
    for (const kind of single) {
      expect(await rejection(call(stub, kind))).toMatchObject({
        status: Status.INVALID_ARGUMENT,
        message: "the title is missing",
        origin: "client",
      });
    }
  });

  test.for(["connect-timeout-ms", "connect-content-encoding", "connect-x", "content-encoding"])(
    "the metadata key %s, which Connect uses itself, is INTERNAL",
    async (key) => {
      const fetch = () => expect.unreachable("Nothing may be sent");
      const stub = new TestServiceStub(connectTransport(createConnectTransport({ baseUrl: "http://a", fetch })));
      for (const kind of single) {
        expect(await rejection(call(stub, kind, { metadata: { [key]: "x" } }))).toMatchObject({
          status: Status.INTERNAL,
          message: `Connect cannot send the metadata: The Connect protocol uses the header "${key}". Choose another name.`,
          origin: "client",
        });
      }
    },
  );

  test("metadata that headers cannot have is INTERNAL", async () => {
    const metadata = receivedMetadata([["name", "a\nb"]]);
    const stub = new TestServiceStub(connectTransport(createConnectTransport({ baseUrl: "http://a" })));
    expect(await rejection(stub.unary({}, { metadata }))).toMatchObject({
      status: Status.INTERNAL,
      message: expect.stringMatching(/^Connect cannot send the metadata: /),
    });
  });

  test("an HTTP status of something else than a gRPC server is not the server's", async () => {
    const fetch = async () => new Response("<h1>Busy</h1>", { status: 503, headers: { "content-type": "text/html" } });
    const stub = declaring(createConnectTransport({ baseUrl: "http://a", fetch }), Status.UNAVAILABLE);
    expect(await rejection(stub.unary({}))).toMatchObject({
      status: Status.UNAVAILABLE,
      message: "HTTP 503",
      origin: "client",
      kind: undefined,
    });
  });

  test.for(["clientStream", "bidi"] as const)("%s over fetch() fails before anything is sent", async (kind) => {
    let fetched = 0;
    const fetch = async () => {
      fetched++;
      return new Response();
    };
    for (const create of [createConnectTransport, createGrpcWebTransport]) {
      const stub = new TestServiceStub(connectTransport(create({ baseUrl: "http://a", fetch })));
      expect(await rejection(call(stub, kind))).toMatchObject({
        status: Status.UNIMPLEMENTED,
        message: expect.stringMatching(/^This transport cannot stream requests/),
        origin: "client",
      });
    }
    expect(fetched).toBe(0);
  });

  test.for<[CallOptions, string]>([
    [{ compression: "gzip" }, "Connect cannot compress requests with gzip. Omit the option compression."],
    [{ waitForReady: true }, "Connect cannot wait for a connection. Omit the option waitForReady."],
  ])("%s is refused", async ([options, message]) => {
    const fetch = () => expect.unreachable("Nothing may be sent");
    const stub = new TestServiceStub(connectTransport(createConnectTransport({ baseUrl: "http://a", fetch })));
    expect(await rejection(stub.unary({}, options))).toMatchObject({ status: Status.UNIMPLEMENTED, message });
  });
});

/** A transport of gRPC-Web whose responses have only trailers. */
function trailersOnly(headers: Record<string, string>): Transport {
  const fetch = async () =>
    new Response(null, { headers: { "content-type": "application/grpc-web+proto", ...headers } });
  return connectTransport(createGrpcWebTransport({ baseUrl: "http://a", fetch }));
}

describe("the status of gRPC-Web", () => {
  const packed = {
    typeUrl: "example.com/test.v1.OwnDetail",
    value: toBinary(OwnDetailSchema, create(OwnDetailSchema)),
  };
  const inner = create(StatusSchema, { code: Status.ABORTED, message: "inside", details: [packed] });
  const details = encodeBinaryHeader(inner, StatusSchema);

  test("takes precedence over the code in its details, whose type URLs are kept", async () => {
    const stub = new TestServiceStub(trailersOnly({ "grpc-status": "5", "grpc-status-details-bin": details }));
    const error = (await rejection(stub.unary({}))) as GRPCError;
    expect(error).toMatchObject({ status: Status.NOT_FOUND, origin: "peer" });
    expect(error.details).toEqual([create(OwnDetailSchema)]);
  });

  test("in the trailers takes precedence over the one in the headers", async () => {
    const trailers = new TextEncoder().encode("grpc-status: 9\r\n");
    const body = Uint8Array.of(0x80, 0, 0, 0, trailers.length, ...trailers);
    const headers = { "content-type": "application/grpc-web+proto", "grpc-status": "8" };
    const fetch = async () => new Response(body, { headers });
    const stub = new TestServiceStub(connectTransport(createGrpcWebTransport({ baseUrl: "http://a", fetch })));
    expect(await rejection(stub.unary({}))).toMatchObject({ status: Status.FAILED_PRECONDITION, origin: "peer" });
  });

  test("UNKNOWN for a number that is not a status", async () => {
    const stub = new TestServiceStub(trailersOnly({ "grpc-status": "99" }));
    expect(await rejection(stub.unary({}))).toMatchObject({
      status: Status.UNKNOWN,
      message: "Invalid grpc-status: 99",
      origin: "client",
    });
  });

  test.for([
    ["1500", 1500],
    ["-1", "never"],
  ])("brings a pushback of %s", async ([text, retryPushback]) => {
    const ends: CallEnd[] = [];
    const transport = trailersOnly({ "grpc-status": "14", "grpc-retry-pushback-ms": `${text}` });
    await rejection(new TestServiceStub(copying(transport, { onEnd: (end) => ends.push(end) })).unary({}));
    expect(ends).toMatchObject([{ status: Status.UNAVAILABLE, retryPushback }]);
  });
});

describe("what is sent", () => {
  /** The headers of a call with these options. */
  async function headersOf(options: CallOptions, defaultTimeoutMs?: number): Promise<Headers> {
    const sent = moment<Headers>();
    const fetch = async (_url: unknown, init?: RequestInit) => {
      sent.happens(new Headers(init?.headers));
      return Response.json({});
    };
    const transport = createConnectTransport({
      baseUrl: "http://a",
      fetch,
      ...(defaultTimeoutMs && { defaultTimeoutMs }),
    });
    await new TestServiceStub(connectTransport(transport)).unary({}, options);
    return await sent.promise;
  }

  test("a timeout, in whole milliseconds", async () => {
    const text = (await headersOf({ timeout: 60_000.5 })).get("connect-timeout-ms");
    expect(text).toMatch(/^\d+$/);
    expect(Number(text)).toBeGreaterThan(50_000);
  });

  test("no timeout that the protocols cannot express, and no timer fires at once", async () => {
    for (const timeout of [100_000_001, 2 ** 40]) {
      expect((await headersOf({ timeout })).get("connect-timeout-ms")).toBeNull();
    }
  });

  test("the default timeout of Connect's transport, only for calls without a timeout", async () => {
    expect((await headersOf({}, 60_000)).get("connect-timeout-ms")).toBe("60000");
    for (const timeout of [100_000_001, 2 ** 40, Number.POSITIVE_INFINITY]) {
      expect((await headersOf({ timeout }, 60_000)).get("connect-timeout-ms")).toBeNull();
    }
  });

  test("the number of earlier attempts, if there are any", async () => {
    const retry = { maxAttempts: 2, initialBackoff: 1, methods: () => true } as const;
    const sent: (string | null)[] = [];
    const fetch = async (_url: unknown, init?: RequestInit) => {
      sent.push(new Headers(init?.headers).get("grpc-previous-rpc-attempts"));
      return new Response(null, { status: 503 });
    };
    const transport = createConnectTransport({ baseUrl: "http://a", fetch });
    await rejection(new TestServiceStub(connectTransport(transport, { retry })).unary({}));
    expect(sent).toEqual([null, "1"]);
  });
});

test("fields that the schema does not have survive", async () => {
  const $unknown = [{ no: 99, wireType: 0, data: Uint8Array.of(5) }];
  const stub = await stubOf(overFetch["Connect, fetch, binary"] as Start, {
    unary: (request) =>
      Object.assign(create(TestResponseSchema, { text: `${request.$unknown?.[0]?.no}` }), { $unknown }),
  });
  const response = await stub.unary(Object.assign(create(TestRequestSchema), { $unknown }));
  expect(response).toMatchObject({ text: "99", $unknown: [{ no: 99 }] });
});

test("a request is sent as it was when it was passed", async () => {
  const stub = await stubOf(bothWays["router"] as Start, {
    clientStream: async (requests) => ({ text: (await collect(requests)).map(({ text }) => text).join() }),
  });
  const answer = await stub.clientStream.open(async (stream) => {
    const request = create(TestRequestSchema);
    for (const text of ["a", "b", "c"]) {
      request.text = text;
      await stream.sendMessage(request);
    }
    await stream.end();
    return await stream.recvMessage();
  });
  expect(answer?.text).toBe("a,b,c");
});

test("a unary request is sent as it was when it was passed, also if an interceptor of Connect delays it", async () => {
  const routes = (router: ConnectRouter) => {
    router.service(TestService, { unary: ({ text }) => ({ text }) });
  };
  const later: Interceptor = (next) => async (request) => {
    await Promise.resolve();
    return await next(request);
  };
  const stub = new TestServiceStub(
    connectTransport(createRouterTransport(routes, { transport: { interceptors: [later] } })),
  );
  const request = create(TestRequestSchema, { text: "a" });
  const answer = stub.unary(request);
  request.text = "b";
  expect(await answer).toMatchObject({ text: "a" });
});

test("options that it does not have, and something else than a transport, are TypeErrors", () => {
  const transport = createConnectTransport({ baseUrl: "http://a" });
  expect(() => connectTransport(transport, { compression: "gzip" } as never)).toThrow(
    new TypeError(
      'connectTransport() has no option "compression". It has registry, metadata, interceptors, retry, timeout.',
    ),
  );
  expect(() => connectTransport({ baseUrl: "http://a" } as never)).toThrow(
    new TypeError(
      "connectTransport() takes a transport of Connect, such as createConnectTransport(), got [object Object]",
    ),
  );
});
