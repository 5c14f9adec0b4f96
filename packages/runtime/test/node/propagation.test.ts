import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { GRPCError, type ServerContext, type ServerInterceptor, Status } from "../../src/index.js";
import { forwardMetadata, Server } from "../../src/node.js";
import { call, handleAll, kinds, testService } from "../calls/kinds.js";
import { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import { connect, moment, openChannel, rejection, startPair, startServer } from "../harness.js";
import { RawClient } from "../peers/raw-client.js";

const any = (value: unknown) => value as never;

/** Answers with what it has received of the call that it is part of. */
const tell = handleAll(({ deadline, metadata }) => ({
  text: `${metadata.getAll("x-request-id")}|${metadata.getAll("x-tenant")}|${metadata.get("trace-bin") ?? ""}`,
  number: Math.round(deadline?.remaining() ?? 0),
}));

/** Waits for the end of a call. */
const untilCancelled = ({ signal }: ServerContext): Promise<never> =>
  sleep(60_000, undefined, { signal }).then(() => {
    throw new Error("The call was not cancelled");
  });

/** A stub for a server that tells what it gets. */
async function startInner(...keys: string[]): Promise<TestServiceStub> {
  const { address } = await startServer(tell);
  const interceptors = keys.length === 0 ? [] : [forwardMetadata(...keys)];
  return new TestServiceStub(openChannel(address, { interceptors }));
}

describe("a server with propagation", () => {
  test.for(kinds)("%s: calls of its handlers inherit the deadline", async (kind) => {
    const inner = await startInner();
    const { stub } = await startPair(
      handleAll(() => inner.unary({})),
      { server: { propagation: true } },
    );
    const [answer] = await call(stub, kind, { timeout: 60_000 });
    expect(answer?.number).toBeGreaterThan(30_000);
    expect(answer?.number).toBeLessThanOrEqual(60_000);
  });

  test.for(kinds)("%s: calls of its handlers are cancelled with it", async (kind) => {
    const [waiting, outcome] = [moment(), moment<unknown>()];
    const { address } = await startServer(
      handleAll((context) => {
        waiting.happens();
        return untilCancelled(context);
      }),
    );
    const inner = connect(address);
    const { stub } = await startPair(
      handleAll(async () => {
        const error = await rejection(inner.unary({}));
        outcome.happens(error);
        throw error;
      }),
      { server: { propagation: true } },
    );
    const abort = new AbortController();
    const result = rejection(call(stub, kind, { signal: abort.signal }));
    await waiting.promise;
    abort.abort();
    expect(await result).toMatchObject({ status: Status.CANCELLED });
    expect(await outcome.promise).toMatchObject({
      status: Status.CANCELLED,
      cause: { name: "StreamTerminatedError", code: 8 },
    });
  });

  test("what a handler does later belongs to its call: after await, after yield, in timers, in open()", async () => {
    const inner = await startInner();
    const remaining: number[] = [];
    const ask = async () => remaining.push((await inner.unary({})).number);
    const { stub } = await startPair(
      {
        async *serverStream() {
          await sleep(1);
          await ask();
          yield {};
          await ask();
          yield {};
          await new Promise((resolve) => setTimeout(() => resolve(ask()), 1));
          await inner.bidi.open(async (stream) => {
            await stream.sendMessage({});
            await stream.end();
            remaining.push((await stream.recvMessage())?.number ?? 0);
          });
        },
      },
      { server: { propagation: true } },
    );
    await call(stub, "serverStream", { timeout: 60_000 });
    expect(remaining).toHaveLength(4);
    for (const time of remaining) expect(time).toBeGreaterThan(30_000);
  });

  test("calls that run at the same time do not mix", async () => {
    const inner = await startInner("x-request-id");
    const { stub } = await startPair(
      handleAll(async () => {
        await sleep(5);
        return await inner.unary({});
      }),
      { server: { propagation: true } },
    );
    const ids = Array.from({ length: 50 }, (_, index) => `${index}`);
    const answers = await Promise.all(
      ids.map((id, index) => call(stub, kinds[index % 4] ?? "unary", { metadata: { "x-request-id": id } })),
    );
    expect(answers.map(([answer]) => answer?.text)).toEqual(ids.map((id) => `${id}||`));
  });

  test("calls inherit through several servers", async () => {
    const last = await startInner("x-request-id");
    const { address } = await startServer(
      handleAll(() => last.unary({})),
      { propagation: true },
    );
    const middle = new TestServiceStub(openChannel(address, { interceptors: [forwardMetadata("x-request-id")] }));
    const { stub } = await startPair(
      handleAll(() => middle.unary({})),
      { server: { propagation: true } },
    );
    const answer = await stub.unary({}, { timeout: 60_000, metadata: { "x-request-id": "7" } });
    expect(answer.text).toBe("7||");
    expect(answer.number).toBeGreaterThan(30_000);
  });

  test("calls of its interceptors inherit, too", async () => {
    const inner = await startInner();
    let remaining = 0;
    const asking: ServerInterceptor = async (_call, next) => {
      remaining = (await inner.unary({})).number;
      await next();
    };
    const { stub } = await startPair(
      handleAll(() => ({})),
      { server: { propagation: true, interceptors: [asking] } },
    );
    await stub.unary({}, { timeout: 60_000 });
    expect(remaining).toBeGreaterThan(30_000);
  });

  test("an earlier deadline of the inner call applies", async () => {
    const inner = await startInner();
    const { stub } = await startPair(
      handleAll(() => inner.unary({}, { timeout: 5000 })),
      { server: { propagation: true } },
    );
    const { number } = await stub.unary({}, { timeout: 60_000 });
    expect(number).toBeGreaterThan(1000);
    expect(number).toBeLessThanOrEqual(5000);
  });

  test("a call with `parent: null`, or another parent, does not inherit", async () => {
    const inner = await startInner();
    const parent = { deadline: undefined, signal: new AbortController().signal };
    for (const options of [{ parent: null }, { parent }]) {
      const { stub } = await startPair(
        handleAll(() => inner.unary({}, options)),
        { server: { propagation: true } },
      );
      expect((await stub.unary({}, { timeout: 60_000 })).number).toBe(0);
    }
  });

  test("a call made after the handler has ended is not cancelled by that, and keeps the deadline", async () => {
    const inner = await startInner();
    const later = moment<number>();
    const { stub } = await startPair(
      handleAll(() => {
        setTimeout(() => void inner.unary({}).then(({ number }) => later.happens(number)), 20);
        return {};
      }),
      { server: { propagation: true } },
    );
    await stub.unary({}, { timeout: 60_000 });
    expect(await later.promise).toBeGreaterThan(30_000);
  });

  test("calls outside of handlers do not inherit", async () => {
    const inner = await startInner("x-request-id");
    const { stub } = await startPair(
      handleAll(() => ({})),
      { server: { propagation: true } },
    );
    await stub.unary({}, { timeout: 60_000, metadata: { "x-request-id": "1" } });
    expect(await inner.unary({})).toMatchObject({ text: "||", number: 0 });
  });
});

test("without propagation, calls of handlers inherit nothing", async () => {
  const inner = await startInner("x-request-id");
  const { stub } = await startPair(handleAll(() => inner.unary({})));
  expect(await stub.unary({}, { timeout: 60_000, metadata: { "x-request-id": "1" } })).toMatchObject({
    text: "||",
    number: 0,
  });
});

test("propagation takes true or false", () => {
  expect(() => new Server([testService({})], { propagation: any("yes") })).toThrow(
    new TypeError("propagation takes true or false, got yes"),
  );
  expect(() => new Server([testService({})], { propagation: true, interceptors: any({}) })).toThrow(
    "interceptors takes a list of functions",
  );
});

describe("forwardMetadata()", () => {
  test("also sends what an interceptor of the server has added to the metadata of the incoming call", async () => {
    const inner = await startInner("x-request-id");
    const number: ServerInterceptor = (call, next) => {
      call.metadata.set("x-request-id", "made here");
      return next();
    };
    const { stub } = await startPair(
      handleAll(() => inner.unary({})),
      { server: { propagation: true, interceptors: [number] } },
    );
    expect((await stub.unary({})).text).toBe("made here||");
  });

  test("sends all values of its keys, and no others", async () => {
    const inner = await startInner("x-tenant", "trace-bin");
    const { stub } = await startPair(
      handleAll(() => inner.unary({})),
      { server: { propagation: true } },
    );
    const metadata: [string, string | Uint8Array][] = [
      ["x-tenant", "a"],
      ["x-tenant", "b"],
      ["x-request-id", "1"],
      ["trace-bin", Uint8Array.of(1, 2)],
    ];
    expect((await stub.unary({}, { metadata })).text).toBe("|a,b|1,2");
  });

  test("leaves a key that the call sets itself", async () => {
    const inner = await startInner("x-tenant");
    const { stub } = await startPair(
      handleAll(() => inner.unary({}, { metadata: { "x-tenant": "own" } })),
      {
        server: { propagation: true },
      },
    );
    expect((await stub.unary({}, { metadata: { "x-tenant": "a" } })).text).toBe("|own|");
  });

  test.for(["caf\u00e9", "caf\u00c3\u00a9", "\u00ff\u00fe", "a\tb"])(
    "sends any value that a peer sends: %j",
    async (value) => {
      const outer = await startInner("x-request-id");
      const { address } = await startServer(
        handleAll((context) => outer.unary({}, context.metadata.has("x-all") ? { metadata: context.metadata } : {})),
        { propagation: true },
      );
      const client = new RawClient(address);
      const answers = await Promise.all(
        [{}, { "x-all": "1" }].map((headers) => client.request({ headers: { "x-request-id": value, ...headers } })),
      );
      expect(answers.map(({ trailers }) => trailers["grpc-status"])).toEqual(["0", "0"]);
      expect(answers[0]?.body.toString()).toEqual(answers[1]?.body.toString());
      expect(answers[0]?.body.length).toBeGreaterThan(10);
    },
  );

  test("refuses wrong keys", () => {
    expect(() => forwardMetadata()).toThrow("takes keys");
    expect(() => forwardMetadata(any(["x-tenant"]))).toThrow("takes keys that are strings");
    expect(() => forwardMetadata("x tenant")).toThrow(TypeError);
  });
});

test("an error of an inner call with the deadline of the outer one is DEADLINE_EXCEEDED at the caller", async () => {
  const { address } = await startServer(handleAll(untilCancelled));
  const inner = connect(address);
  const { stub } = await startPair(
    handleAll(() => inner.unary({})),
    { server: { propagation: true } },
  );
  const error = await rejection(stub.unary({}, { timeout: 50 }));
  expect(error).toBeInstanceOf(GRPCError);
  expect(error).toMatchObject({ status: Status.DEADLINE_EXCEEDED });
});
