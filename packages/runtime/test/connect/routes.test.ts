import { randomBytes } from "node:crypto";
import { createContextKey as createConnectKey, createContextValues, createRouterTransport } from "@connectrpc/connect";
import { describe, expect, test } from "vitest";
import { type ConnectRoutesOptions, connectRoutes, connectTransport } from "../../src/connect.js";
import {
  type CallOptions,
  ContextValues,
  createContextKey,
  detail,
  GRPCError,
  type ServerContext,
  Status,
  StreamTerminatedError,
} from "../../src/index.js";
import { call, handleAll, kinds, type TestHandlers, testService } from "../calls/kinds.js";
import { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import { OwnDetailSchema } from "../gen/test/v1/test_pb.js";
import { collect, connect, moment, Reports, rejection } from "../harness.js";
import { backends, fetchHandler, type Start, startHttp2, withTimeout } from "./backends.js";

const everywhere = Object.entries(backends);
const cases = everywhere.flatMap(([name, start]) => [
  [name, "unary", start] as const,
  [name, "serverStream", start] as const,
]);

async function stubFor(start: Start, handlers: TestHandlers, options?: ConnectRoutesOptions): Promise<TestServiceStub> {
  return new TestServiceStub(connectTransport(await start(connectRoutes([testService(handlers)], options))));
}

/** A stub for handlers in the same process. */
const inProcess = (handlers: TestHandlers, options?: ConnectRoutesOptions) =>
  stubFor(async (routes) => createRouterTransport(routes), handlers, options);

/** Waits until the call is cancelled. @returns what the signal says */
async function untilCancelled({ signal }: ServerContext): Promise<unknown> {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve));
  return signal.reason;
}

test.for(cases)("%s, %s: responses arrive with metadata both ways", async ([, kind, start]) => {
  const stub = await stubFor(
    start,
    handleAll((context, [request]) => {
      const { metadata, trailingMetadata } = context;
      context.sendInitialMetadata({ who: metadata.getAll("who"), "bytes-bin": metadata.getAll("bytes-bin") });
      trailingMetadata.append("farewell", "bye").append("bytes-bin", Uint8Array.of(250));
      return { text: request?.text ?? "" };
    }),
  );
  const seen: Record<string, string[]>[] = [];
  const options: CallOptions = {
    metadata: { who: "a", "bytes-bin": [Uint8Array.of(1), Uint8Array.of(2, 3)] },
    onHeaders: (headers) => seen.push(headers.toJSON()),
    onTrailers: (trailers) => seen.push(trailers.toJSON()),
  };
  expect(await call(stub, kind, options, { text: "hello" })).toMatchObject([{ text: "hello" }]);
  expect(seen).toMatchObject([
    { who: ["a"], "bytes-bin": ["AQ==", "AgM="] },
    { farewell: ["bye"], "bytes-bin": ["+g=="] },
  ]);
});

test.for(cases)("%s, %s: an error arrives with its details and metadata", async ([, kind, start]) => {
  const details = [detail(OwnDetailSchema, { text: "why" })];
  const stub = await stubFor(
    start,
    handleAll(({ trailingMetadata }) => {
      trailingMetadata.set("request-id", "7");
      throw new GRPCError(Status.NOT_FOUND, "no such book: ☃", details);
    }),
  );
  const error = (await rejection(call(stub, kind))) as GRPCError;
  expect(error).toMatchObject({ status: Status.NOT_FOUND, statusMessage: "no such book: ☃", origin: "peer", details });
  expect(error.metadata?.get("request-id")).toBe("7");
});

test.for(cases)("%s, %s: what a handler does not mean for clients stays here", async ([, kind, start]) => {
  const reports = new Reports();
  const stub = await stubFor(
    start,
    handleAll(() => {
      throw new Error("the password is 1234");
    }),
    { onError: (error, info) => reports.add({ error, info }) },
  );
  const error = (await rejection(call(stub, kind))) as GRPCError;
  expect(error).toMatchObject({ status: Status.UNKNOWN, statusMessage: "Internal Server Error", details: undefined });
  expect(reports.take()).toMatchObject([{ error: { message: "the password is 1234" }, info: { peer: "unknown" } }]);
});

test.for(cases)("%s, %s: a deadline that passes ends the call, and the signal says so", async ([, kind, start]) => {
  const reason = moment<unknown>();
  const stub = await stubFor(
    async (routes) => withTimeout(await start(routes), 200),
    handleAll(async (context) => {
      reason.happens(await untilCancelled(context));
      throw context.signal.reason;
    }),
  );
  expect(await rejection(call(stub, kind))).toMatchObject({
    status: Status.DEADLINE_EXCEEDED,
    message: "Deadline exceeded",
    origin: "peer",
  });
  expect(await reason.promise).toMatchObject({ name: "GRPCError", status: Status.DEADLINE_EXCEEDED });
});

/** Connect's timers fire after 1 ms for this one, and say that the deadline has passed. */
const TOO_LONG_MS = 2 ** 31 + 5;

const leaving = everywhere.flatMap(([name, start]) => [
  [name, "no timeout", start] as const,
  [
    name,
    "a timeout of 25 days",
    async (routes: Parameters<Start>[0]) => withTimeout(await start(routes), TOO_LONG_MS),
  ] as const,
]);

test.for(leaving)("%s, %s: a client that leaves ends the generator, and the signal says so", async ([, , start]) => {
  const left = moment<unknown>();
  const stub = await stubFor(start, {
    async *serverStream(_request, { signal }) {
      try {
        for (let number = 0; ; number++) yield { number, data: new Uint8Array(10_000) };
      } finally {
        left.happens(signal.reason);
      }
    },
  });
  for await (const { number } of stub.serverStream({})) if (number === 3) break;
  const reason = await left.promise;
  expect(reason).toBeInstanceOf(StreamTerminatedError);
  expect(reason).toMatchObject({ message: expect.stringMatching(/^The client has left/) });
});

test.for(["60000", `${TOO_LONG_MS}`])(
  "timeout %s: whoever cancels the body of a response has left",
  async (timeout) => {
    const left = moment<unknown>();
    const handler = fetchHandler(
      connectRoutes([
        testService({
          async *serverStream(_request, { signal }) {
            try {
              for (;;) yield {};
            } finally {
              left.happens(signal.reason);
            }
          },
        }),
      ]),
    );
    const response = await handler("http://edge/test.v1.TestService/ServerStream", {
      method: "POST",
      headers: { "content-type": "application/connect+proto", "connect-timeout-ms": timeout },
      body: new Uint8Array(5),
    });
    const reader = response.body?.getReader();
    await reader?.read();
    await new Promise((resolve) => setTimeout(resolve, 20));
    await reader?.cancel("enough");
    expect(await left.promise).toMatchObject({ message: "The client has left", cause: "enough" });
  },
);

test.for(cases)("%s, %s: a timeout of 25 days is not over at once", async ([, kind, start]) => {
  const stub = await stubFor(
    async (routes) => withTimeout(await start(routes), TOO_LONG_MS),
    handleAll(async ({ deadline, signal }) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      return {
        text: signal.aborted ? "aborted" : "running",
        number: Math.ceil((deadline?.remaining() ?? 0) / 86_400_000),
      };
    }),
  );
  expect(await call(stub, kind)).toMatchObject([{ text: "running", number: 25 }]);
});

test.for(kinds)("%s: the reset of a call with a timeout of 25 days reaches a handler that waits", async (kind) => {
  const started = moment();
  const reason = moment<unknown>();
  const routes = connectRoutes([
    testService(
      handleAll(async (context) => {
        setTimeout(started.happens, 20);
        reason.happens(await untilCancelled(context));
        throw context.signal.reason;
      }),
    ),
  ]);
  const controller = new AbortController();
  const options: CallOptions = { timeout: TOO_LONG_MS, signal: controller.signal };
  const outcome = rejection(call(connect(await startHttp2(routes)), kind, options));
  await started.promise;
  controller.abort();
  expect(await outcome).toMatchObject({ status: Status.CANCELLED });
  expect(await reason.promise).toMatchObject({ name: "StreamTerminatedError", code: 8 });
});

describe("a slow client", () => {
  // Compressed, zeros would fit into the flow-control window.
  const data = new Uint8Array(randomBytes(300_000));
  let made = 0;
  const routes = connectRoutes([
    testService({
      async *serverStream() {
        for (made = 0; made < 100; made++) yield { data };
      },
    }),
  ]);
  const settle = () => new Promise((resolve) => setTimeout(resolve, 200));

  // Clients of Connect read ahead, so they cannot show this.
  test("of a fetch handler holds the handler back: one response is made at a time", async () => {
    const body = new Uint8Array(5);
    const headers = { "content-type": "application/grpc-web+proto" };
    const response = await fetchHandler(routes)("http://edge/test.v1.TestService/ServerStream", {
      method: "POST",
      headers,
      body,
    });
    const reader = response.body?.getReader();
    await reader?.read();
    await settle();
    expect(made).toBeLessThan(4);
    await reader?.cancel();
  });

  test("over HTTP/2 holds the handler back", async () => {
    await connect(await startHttp2(routes)).serverStream.open(async (stream) => {
      await stream.sendMessage({});
      await stream.recvMessage();
      await settle();
      // Less than 10 MB fit into the buffers and the window of the connection.
      expect(made).toBeLessThan(80);
      expect(await collect(stream)).toHaveLength(99);
    });
  });
});

describe("values and addresses", () => {
  const user = createContextKey<string>("user");

  test("come from the options peer and values", async () => {
    const key = createConnectKey("nobody");
    const routes = connectRoutes(
      [testService(handleAll(({ peer, values }) => ({ text: `${values.get(user)} at ${peer}` })))],
      {
        peer: ({ requestHeader }) => requestHeader.get("x-forwarded-for") ?? "",
        values: ({ values }) => new ContextValues().set(user, values.get(key)),
      },
    );
    const address = await startHttp2(routes, { contextValues: () => createContextValues().set(key, "Ada") });
    const options = { metadata: { "x-forwarded-for": "203.0.113.7" } };
    for (const kind of kinds) {
      expect(await call(connect(address), kind, options)).toMatchObject([{ text: "Ada at 203.0.113.7" }]);
    }
  });

  test.for(["peer", "values"])("if the function %s throws, the call fails, and the error is reported", async (name) => {
    const reports = new Reports();
    const failure = new Error("the password is 1234");
    const stub = await inProcess(
      {},
      {
        onError: (error, info) => reports.add({ error, info }),
        [name]: () => {
          throw failure;
        },
      },
    );
    const error = await rejection(stub.unary({}));
    expect(error).toMatchObject({ status: Status.UNKNOWN, statusMessage: "Internal Server Error" });
    expect(reports.take()).toEqual([
      { error: failure, info: { method: "/test.v1.TestService/Unary", peer: "unknown" } },
    ]);
  });

  const failsLater = async () => {
    throw new Error("nobody handles this");
  };
  test.for<[string, object, string, string]>([
    ["peer", { peer: failsLater }, "unknown", "The option peer must return a string, got [object Promise]"],
    [
      "values",
      { peer: () => "203.0.113.7", values: failsLater },
      "203.0.113.7",
      "The option values must return a ContextValues, got [object Promise]",
    ],
  ])("if the function %s is async, the call fails, and the report says why", async ([, options, peer, message]) => {
    const reports = new Reports();
    const stub = await inProcess({}, { ...options, onError: (error, info) => reports.add({ error, info }) });
    expect(await rejection(stub.unary({}))).toMatchObject({ status: Status.UNKNOWN });
    expect(reports.take()).toMatchObject([{ error: new TypeError(message), info: { peer } }]);
  });
});

describe("what Connect cannot send", () => {
  test.for(kinds)("%s: a response that cannot be encoded: UNKNOWN, and the error is reported", async (kind) => {
    const reports = new Reports();
    const options = { onError: (error: unknown, info: object) => reports.add({ error, info }) };
    const stub = await inProcess(
      handleAll(() => ({ number: 1.5, text: "secret" })),
      options,
    );
    const error = (await rejection(call(stub, kind))) as GRPCError;
    expect(error).toMatchObject({ status: Status.UNKNOWN, statusMessage: "Internal Server Error" });
    expect(String(reports.take()[0]?.error)).toContain("test.v1.TestResponse.number");
  });

  test("half of a surrogate pair in a message becomes U+FFFD", async () => {
    const address = await startHttp2(
      connectRoutes([
        testService(
          handleAll(() => {
            throw new GRPCError(Status.ABORTED, "a \ud800 b");
          }),
        ),
      ]),
    );
    expect(await rejection(connect(address).unary({}))).toMatchObject({
      status: Status.ABORTED,
      message: "a \ufffd b",
    });
  });

  test.for(["content-encoding", "connect-timeout-ms", "trailer-x"])("%s as initial metadata", async (key) => {
    const reports = new Reports();
    const options = { onError: (error: unknown, info: object) => reports.add({ error, info }) };
    const stub = await inProcess(
      handleAll((context) => {
        context.sendInitialMetadata({ [key]: "x" });
        return {};
      }),
      options,
    );
    expect(await rejection(stub.unary({}))).toMatchObject({ status: Status.UNKNOWN });
    expect(String(reports.take()[0]?.error)).toContain(`"${key}"`);
  });
});

test("binary metadata that is not base64 is refused", async () => {
  const handler = fetchHandler(connectRoutes([testService({})]));
  const headers = { "content-type": "application/json", "data-bin": "%%%" };
  const response = await handler("http://edge/test.v1.TestService/Unary", { method: "POST", headers, body: "{}" });
  expect(response.status).toBe(500);
  expect(await response.json()).toEqual({ code: "internal", message: "Malformed metadata: data-bin is not base64" });
});

test.for([
  ["AQ", [1]],
  ["AQ==", [1]],
  ["AQ, AgM", [1, 2, 3]],
  ["AQ==, AgM=", [1, 2, 3]],
  ["AQ==,AgM=,+/-_", [1, 2, 3, 251, 255, 191]],
  ["", []],
] as const)("binary metadata arrives with and without padding: %j", async ([value, bytes]) => {
  let received: Uint8Array[] = [];
  const unary = (_: unknown, { metadata }: ServerContext) => {
    received = metadata.getAll("data-bin");
    return {};
  };
  const handler = fetchHandler(connectRoutes([testService({ unary })]));
  const headers = { "content-type": "application/json", "data-bin": value };
  await handler("http://edge/test.v1.TestService/Unary", { method: "POST", headers, body: "{}" });
  expect(received.flatMap((part) => [...part])).toEqual(bytes);
});

test("text that is not ASCII arrives, and can be sent on with the metadata that it came in", async () => {
  let received: string | undefined;
  const handler = fetchHandler(
    connectRoutes([
      testService({
        unary(_, context) {
          received = context.metadata.get("who");
          context.sendInitialMetadata(context.metadata);
          return context.sendTrailingMetadata({ status: Status.ABORTED, metadata: context.metadata });
        },
      }),
    ]),
  );
  const who = Buffer.from("☃").toString("latin1");
  const headers = { "content-type": "application/json", who };
  const response = await handler("http://edge/test.v1.TestService/Unary", { method: "POST", headers, body: "{}" });
  expect(received).toBe("☃");
  expect([response.headers.get("who"), response.headers.get("trailer-who")]).toEqual([who, who]);
});

test("the user agent of a client is not sent on with the metadata that it came in", async () => {
  const unary = (_: unknown, context: ServerContext) => {
    context.sendInitialMetadata(context.metadata);
    return { text: context.metadata.get("user-agent") ?? "" };
  };
  const handler = fetchHandler(connectRoutes([testService({ unary })]));
  const headers = { "content-type": "application/json", "user-agent": "of the client", who: "Ada" };
  const response = await handler("http://edge/test.v1.TestService/Unary", { method: "POST", headers, body: "{}" });
  expect(await response.json()).toEqual({ text: "of the client" });
  expect([response.headers.get("user-agent"), response.headers.get("who")]).toEqual([null, "Ada"]);
});

test("the number of earlier attempts arrives", async () => {
  const handler = fetchHandler(
    connectRoutes([testService({ unary: (_, { previousAttempts }) => ({ number: previousAttempts }) })]),
  );
  const request = async (attempts: string) => {
    const headers = { "content-type": "application/json", "grpc-previous-rpc-attempts": attempts };
    const response = await handler("http://edge/test.v1.TestService/Unary", { method: "POST", headers, body: "{}" });
    return await response.json();
  };
  expect(await request("3")).toEqual({ number: 3 });
  expect(await request("x")).toEqual({});
});

const shutDowns = kinds.flatMap((kind) => [[kind, undefined] as const, [kind, TOO_LONG_MS] as const]);

test.for(shutDowns)(
  "%s, timeout %s: a server that shuts down ends its calls with UNAVAILABLE",
  async ([kind, timeout]) => {
    const shutdown = new AbortController();
    const reason = moment<unknown>();
    const started = moment();
    const routes = connectRoutes([
      testService(
        handleAll(async (context) => {
          setTimeout(started.happens, 20);
          reason.happens(await untilCancelled(context));
          throw context.signal.reason;
        }),
      ),
    ]);
    const stub = connect(await startHttp2(routes, { shutdownSignal: shutdown.signal }));
    const error = rejection(call(stub, kind, { timeout }));
    await started.promise;
    shutdown.abort();
    expect(await error).toMatchObject({ status: Status.UNAVAILABLE, message: "The server is shutting down" });
    expect(await reason.promise).toMatchObject({ status: Status.UNAVAILABLE });
  },
);

describe("connectRoutes()", () => {
  test("tells an option that it does not have", () => {
    expect(() => connectRoutes([testService({})], { compression: "gzip" } as object)).toThrow(
      'connectRoutes() has no option "compression". It has registry, interceptors, onError,',
    );
  });

  test.for(["peer", "values"])("%s takes only a function", (name) => {
    expect(() => connectRoutes([testService({})], { [name]: "Ada" })).toThrow(
      new TypeError(`${name} takes a function, got Ada`),
    );
  });

  test("calls $onServerCreated() with all services", () => {
    const created: unknown[] = [];
    const service = Object.assign(testService({}), { $onServerCreated: (all: unknown) => created.push(all) });
    connectRoutes([service]);
    expect(created).toEqual([[service]]);
  });

  test("passes what $onServerCreated() rejects with to onError", async () => {
    const service = Object.assign(testService({}), { $onServerCreated: () => Promise.reject(new Error("no cache")) });
    const reported = await new Promise((resolve) => connectRoutes([service], { onError: resolve }));
    expect(reported).toEqual(new Error("no cache"));
  });

  test("interceptors run around calls, and see their outcomes", async () => {
    const outcomes: Status[] = [];
    const options: ConnectRoutesOptions = {
      interceptors: [
        async (intercepted, next) => {
          void intercepted.outcome.then(({ status }) => outcomes.push(status));
          await next();
        },
      ],
    };
    const stub = await inProcess(
      handleAll(() => ({})),
      options,
    );
    for (const kind of kinds) await call(stub, kind);
    await rejection((await inProcess({}, { ...options, onError: () => {} })).unary({}));
    expect(outcomes).toEqual([Status.OK, Status.OK, Status.OK, Status.OK, Status.UNKNOWN]);
  });
});
