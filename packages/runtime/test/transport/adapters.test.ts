import { readFileSync } from "node:fs";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { Client, credentials } from "@grpc/grpc-js";
import { describe, expect, onTestFinished, test } from "vitest";
import { bindStub } from "../../src/client/stub.js";
import { methodErrors } from "../../src/errors/contract.js";
import { inMemory } from "../../src/fake/in-memory.js";
import {
  DetailRegistry,
  detail,
  GRPCError,
  intercept,
  type ServerContext,
  Status,
  StreamTerminatedError,
  type Transport,
  Unknown,
} from "../../src/index.js";
import { type CallEnd, Dispatcher, withDefaults } from "../../src/transport.js";
import { call, handleAll, kinds, type TestHandlers, testService } from "../calls/kinds.js";
import { HiddenDetailSchema } from "../gen/test/v1/hidden_pb.js";
import { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import { OwnDetailSchema, TestService } from "../gen/test/v1/test_pb.js";
import { openGrpcJs } from "../grpc-js/open.js";
import {
  clientInterceptors,
  collect,
  moment,
  openChannel,
  rejection,
  serverInterceptors,
  startServer,
  unusedPort,
} from "../harness.js";
import { copying } from "./copying.js";
import { overGrpcJs } from "./over-grpc-js.js";

// Callers and handlers observe the same on any transport: these adapters pass the same tests as HTTP/2.

type Start = (handlers: TestHandlers) => Promise<Transport>;

const transports: Record<string, Start> = {
  "HTTP/2": async (handlers) => openChannel((await startServer(handlers)).address),
  "in memory": async (handlers) =>
    intercepted(inMemory(new Dispatcher([testService(handlers)], { interceptors: serverInterceptors }))),
  "a decorator": async (handlers) => copying(openChannel((await startServer(handlers)).address)),
  grpcJsTransport: async (handlers) =>
    openGrpcJs(`ipv4:127.0.0.1:${(await startServer(handlers)).port}`, { interceptors: clientInterceptors }),
  "a client of grpc-js": async (handlers) => intercepted(overGrpcJs(grpcJsClient((await startServer(handlers)).port))),
};

/** As a channel of the harness. */
const intercepted = (transport: Transport) => intercept(transport, clientInterceptors);

function grpcJsClient(port: number): Client {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  onTestFinished(() => client.close());
  return client;
}

/** Handlers that wait until their call is cancelled, and report the reason. */
function waiting() {
  const running = moment();
  const reason = moment<unknown>();
  const wait = ({ signal }: ServerContext) =>
    new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => {
        reason.happens(signal.reason);
        reject(signal.reason);
      });
      running.happens();
    });
  return { handlers: handleAll(wait), running: running.promise, reason: reason.promise };
}

const own = (text: string) => create(OwnDetailSchema, { text });

describe.for(Object.entries(transports))("over %s", ([name, start]) => {
  test.for(kinds)("%s: a call succeeds", async (kind) => {
    const stub = new TestServiceStub(
      await start(handleAll((_context, requests) => ({ text: requests[0]?.text ?? "" }))),
    );
    expect(await call(stub, kind, {}, { text: "hello" })).toMatchObject([{ text: "hello" }]);
  });

  test("many messages flow both ways, in order, and wait for slow readers", async () => {
    const stub = new TestServiceStub(
      await start({
        async *bidi(requests) {
          for await (const { number } of requests) yield { number: 2 * number };
        },
      }),
    );
    const numbers = Array.from({ length: 500 }, (_, number) => number);
    const responses = await collect(stub.bidi(numbers.map((number) => ({ number }))));
    expect(responses.map(({ number }) => number)).toEqual(numbers.map((number) => 2 * number));
  });

  test("open() sends and receives step by step", async () => {
    const stub = new TestServiceStub(
      await start({
        async *bidi(requests, context) {
          context.sendInitialMetadata({ greeting: "hello" });
          for await (const { text } of requests) yield { text: text.toUpperCase() };
          context.trailingMetadata.set("farewell", "bye");
        },
      }),
    );
    const seen = await stub.bidi.open(async (stream) => {
      await stream.sendMessage({ text: "a" });
      const greeting = (await stream.recvInitialMetadata()).get("greeting");
      const first = await stream.recvMessage();
      await stream.sendMessage({ text: "b" });
      await stream.end();
      const rest = await collect(stream);
      const trailers = await stream.recvTrailingMetadata();
      return [greeting, first?.text, ...rest.map(({ text }) => text), trailers.get("farewell")];
    });
    expect(seen).toEqual(["hello", "A", "B", "bye"]);
  });

  test.for(kinds)("%s: a typed error arrives with its details and its trailers", async (kind) => {
    const hidden = detail(HiddenDetailSchema, { text: "secret" });
    const transport = await start(
      handleAll((context) => {
        context.trailingMetadata.set("request-id", "7");
        context.trailingMetadata.append("bytes-bin", Uint8Array.of(1, 2));
        throw new GRPCError(Status.NOT_FOUND, "no such book: ☃", [own("a"), hidden]);
      }),
    );
    const error = await rejection(call(new TestServiceStub(transport), kind));
    expect(error).toBeInstanceOf(GRPCError);
    expect(error).toMatchObject({ status: Status.NOT_FOUND, statusMessage: "no such book: ☃", origin: "peer" });
    const { details, metadata } = error as GRPCError;
    expect(details).toEqual([own("a"), expect.any(Unknown)]);
    expect([metadata?.get("request-id"), metadata?.get("bytes-bin")]).toEqual(["7", Uint8Array.of(1, 2)]);
  });

  test("defaults: metadata is sent, and details are decoded with the registry", async () => {
    const transport = await start(
      handleAll(({ metadata }) => {
        const text = `${metadata.getAll("who")}`;
        throw new GRPCError(Status.ABORTED, "no", [detail(HiddenDetailSchema, { text })]);
      }),
    );
    const registry = new DetailRegistry(HiddenDetailSchema);
    const defaults = withDefaults(transport, { registry, metadata: { who: "channel" } });
    const stub = new TestServiceStub(copying(defaults));
    const error = (await rejection(stub.unary({}, { metadata: { who: "call" } }))) as GRPCError;
    expect(error.detail(HiddenDetailSchema)?.text).toBe("channel,call");
    expect(error.details?.[0]).not.toBeInstanceOf(Unknown);
  });

  test("a declared error is matched", async () => {
    const errors = { Unary: methodErrors(TestService.method.unary, { GONE: { status: Status.NOT_FOUND } }) };
    const transport = await start(
      handleAll(() => {
        throw new GRPCError(Status.NOT_FOUND, "gone");
      }),
    );
    const stub = new TestServiceStub(transport);
    bindStub(stub, transport, TestService, errors as never);
    expect(await rejection(stub.unary({}))).toMatchObject({ kind: "GONE" });
  });

  test.for(kinds)("%s: a handler can choose a compression", async (kind) => {
    const seen: unknown[] = [];
    const transport = await start(
      handleAll((context) => {
        context.compression = "gzip";
        seen.push(context.compression);
        return { text: "hello" };
      }),
    );
    expect(await call(new TestServiceStub(transport), kind)).toMatchObject([{ text: "hello" }]);
    // A transport within one process compresses nothing, as for a client that does not accept it.
    expect(seen).toEqual([name === "in memory" ? "identity" : "gzip"]);
  });

  test.for(kinds)("%s: the deadline ends the call on both sides", async (kind) => {
    const { handlers, reason } = waiting();
    const stub = new TestServiceStub(await start(handlers));
    expect(await rejection(call(stub, kind, { timeout: 100 }))).toMatchObject({
      status: Status.DEADLINE_EXCEEDED,
      origin: "client",
    });
    expect(await reason).toSatisfy(
      (error) => error instanceof StreamTerminatedError || (error as GRPCError).status === Status.DEADLINE_EXCEEDED,
    );
  });

  test.for(kinds)("%s: a signal cancels the call on both sides", async (kind) => {
    const { handlers, running, reason } = waiting();
    const stub = new TestServiceStub(await start(handlers));
    const controller = new AbortController();
    const outcome = rejection(call(stub, kind, { signal: controller.signal }));
    await running;
    controller.abort("enough");
    expect(await outcome).toMatchObject({ status: Status.CANCELLED, cause: "enough", origin: "client" });
    expect(await reason).toBeInstanceOf(StreamTerminatedError);
  });

  test("leaving the responses early cancels the call", async () => {
    const left = moment<unknown>();
    const stub = new TestServiceStub(
      await start({
        async *serverStream(_request, { signal }) {
          try {
            for (let number = 0; ; number++) yield { number };
          } finally {
            left.happens(signal.reason);
          }
        },
      }),
    );
    for await (const { number } of stub.serverStream({})) if (number === 3) break;
    expect(await left.promise).toBeInstanceOf(StreamTerminatedError);
  });

  test("the retry pushback and the number of earlier attempts arrive", async () => {
    const ends: CallEnd[] = [];
    const transport = await start(
      handleAll((context) => {
        context.setRetryPushback(context.previousAttempts === 2 ? 1500 : "never");
        throw new GRPCError(Status.UNAVAILABLE, `attempts before: ${context.previousAttempts}`);
      }),
    );
    for (const previousAttempts of [0, 2]) {
      const stub = new TestServiceStub(
        copying(transport, { request: { previousAttempts }, onEnd: (end) => ends.push(end) }),
      );
      expect(await rejection(stub.unary({}))).toMatchObject({ message: `attempts before: ${previousAttempts}` });
    }
    expect(ends.map(({ retryPushback }) => retryPushback)).toEqual(["never", 1500]);
  });
});

test.for<[title: string, open: () => Promise<Transport>, status: Status]>([
  [
    "a closed channel",
    async () => {
      const channel = openChannel("http://127.0.0.1:1");
      await channel.close();
      return channel;
    },
    Status.CANCELLED,
  ],
  [
    "a channel that has failed to connect",
    async () => {
      const channel = openChannel(`http://127.0.0.1:${await unusedPort()}`, { backoff: { initial: 60_000 } });
      await rejection(new TestServiceStub(channel).unary({}));
      return channel;
    },
    Status.UNAVAILABLE,
  ],
])("a call of %s ends after start() has returned", async ([, open, status]) => {
  const stub = new TestServiceStub(copying(await open()));
  for (const kind of kinds) expect(await rejection(call(stub, kind))).toMatchObject({ status });
});

describe("an adapter", () => {
  test("drops no detail to stay within an HTTP/2 header limit", async () => {
    const details = Array.from({ length: 20 }, () => own("x".repeat(5000)));
    const handler = new Dispatcher([
      testService(
        handleAll(() => {
          throw new GRPCError(Status.ABORTED, "much to say", details);
        }),
      ),
    ]);
    expect(await rejection(new TestServiceStub(inMemory(handler)).unary({}))).toMatchObject({ details });
  });

  test("rejects a call that asks for a feature it lacks", async () => {
    const { port } = await startServer(handleAll(() => ({})));
    const stub = new TestServiceStub(overGrpcJs(grpcJsClient(port)));
    expect(await rejection(stub.unary({}, { compression: "gzip" }))).toMatchObject({
      status: Status.UNIMPLEMENTED,
      message: "grpc-js cannot compress requests with gzip. Omit the option compression.",
      origin: "client",
    });
  });

  test("that cannot tell the origin of a status does not match its own UNAVAILABLE to a declared error", async () => {
    const errors = { Unary: methodErrors(TestService.method.unary, { DOWN: { status: Status.UNAVAILABLE } }) };
    const transport = overGrpcJs(grpcJsClient(await unusedPort()));
    const stub = new TestServiceStub(transport);
    bindStub(stub, transport, TestService, errors as never);
    expect(await rejection(stub.unary({}))).toMatchObject({
      status: Status.UNAVAILABLE,
      origin: "client",
      kind: undefined,
    });
  });

  const fake = "../../src/fake";
  test.for([`${fake}/in-memory.ts`, `${fake}/message-pipe.ts`, "copying.ts", "over-grpc-js.ts"])(
    "%s imports nothing but /transport",
    (file) => {
      const imports = [...readFileSync(join(import.meta.dirname, file), "utf8").matchAll(/ from "(\.[^"]+)"/g)];
      expect(imports.map(([, path]) => path).filter((path) => path?.startsWith("../"))).toSatisfy((paths: string[]) =>
        paths.every((path) => /^(\.\.\/\.\.\/src|\.\.)\/transport\.js$/.test(path)),
      );
    },
  );
});
