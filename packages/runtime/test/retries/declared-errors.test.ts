import { describe, expect, test } from "vitest";
import { withRetries } from "../../src/client/channel-retries.js";
import { bindStub } from "../../src/client/stub.js";
import { RetryInfoSchema } from "../../src/error-details.js";
import { contractBehind, type MethodErrors, methodErrors } from "../../src/errors/contract.js";
import {
  type ClientInterceptor,
  detail,
  GRPCError,
  intercept,
  type RetryEvent,
  type RetryPolicy,
  retry,
  type ServerContext,
  Status,
} from "../../src/index.js";
import type { ChannelOptions } from "../../src/node.js";
import type { CallRequest, Transport } from "../../src/transport.js";
import { call, handleAll, type Kind, kinds, type TestHandlers, testService } from "../calls/kinds.js";
import { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import { TestService } from "../gen/test/v1/test_pb.js";
import { collect, openChannel, rejection, startServer } from "../harness.js";

// Errors that a method declares as retryable: the server has done nothing, so any call may be repeated after them.

type Factory = (message?: string, data?: object, options?: object) => GRPCError;
type Factories = MethodErrors<GRPCError> & Record<"BUSY" | "GONE" | "LATER", Factory>;

const domain = "test.v1";
const declared = {
  BUSY: { status: Status.RESOURCE_EXHAUSTED, reason: "BUSY", domain, retryable: true },
  LATER: { status: Status.ABORTED, reason: "LATER", domain, details: { retryInfo: RetryInfoSchema }, retryable: true },
  GONE: { status: Status.UNAVAILABLE, reason: "GONE", domain },
};

/** As generated code: each method declares the same errors. */
const errors: Record<"Unary" | "ServerStream" | "ClientStream" | "Bidi", Factories> = {
  Unary: methodErrors<Factories>(TestService.method.unary, declared),
  ServerStream: methodErrors<Factories>(TestService.method.serverStream, declared),
  ClientStream: methodErrors<Factories>(TestService.method.clientStream, declared),
  Bidi: methodErrors<Factories>(TestService.method.bidi, declared),
};
const errorsOf = (kind: Kind) =>
  ({ unary: errors.Unary, serverStream: errors.ServerStream, clientStream: errors.ClientStream, bidi: errors.Bidi })[
    kind
  ];

const fast: RetryPolicy = { initialBackoff: 1 };

/** A stub with the contracts above. */
function stubOf(transport: Transport): TestServiceStub {
  const stub = new TestServiceStub(transport);
  bindStub(stub, transport, TestService, errors);
  return stub;
}

/** What a handler does in its nth attempt: throws the error, or returns the number of the attempt. */
type Script = readonly ((() => unknown) | "ok")[];

/** Starts a server whose handlers follow a script, the last item of which is repeated, and a channel to it. */
async function start(script: Script, options: ChannelOptions = {}, before?: (context: ServerContext) => void) {
  const attempts: { readonly at: number; readonly previous: number; readonly requests: number }[] = [];
  const handlers = handleAll((context, requests) => {
    attempts.push({ at: performance.now(), previous: context.previousAttempts, requests: requests.length });
    before?.(context);
    const next = script[Math.min(attempts.length, script.length) - 1];
    if (typeof next === "function") throw next();
    return { number: attempts.length };
  });
  return { attempts, ...(await serve(handlers, options)) };
}

async function serve(handlers: TestHandlers, options: ChannelOptions = {}) {
  const services = [Object.assign(testService(handlers), { $errors: errors })];
  const { address } = await startServer({}, { services, contracts: "off" });
  const channel = openChannel(address, options);
  return { address, channel, stub: stubOf(channel) };
}

const retryInfo = (milliseconds: number) => ({ retryInfo: { retryDelay: { nanos: milliseconds * 1_000_000 } } });

describe.for(kinds)("%s", (kind) => {
  const { BUSY, GONE, LATER } = errorsOf(kind);
  const busy = () => BUSY("busy");

  test("by default, a call that fails with a retryable error is repeated, whatever the method", async () => {
    const { stub, attempts } = await start([busy, busy, "ok"]);
    expect(await call(stub, kind)).toMatchObject([{ number: 3 }]);
    expect(attempts).toMatchObject([0, 1, 2].map((previous) => ({ previous, requests: 1 })));
    // The backoff of the default policy: 100 ms and 200 ms, ±20 %.
    expect((attempts[2]?.at ?? 0) - (attempts[0]?.at ?? 0)).toBeGreaterThanOrEqual(240);
  });

  test("there are 4 attempts at most, and the caller gets the last error, which is the declared one", async () => {
    const { stub, attempts } = await start([() => LATER("later", retryInfo(1))]);
    const error = (await rejection(call(stub, kind))) as GRPCError;
    expect(attempts).toHaveLength(4);
    expect([error.kind, error.retryable, errorsOf(kind).is(error)]).toEqual(["LATER", true, true]);
    expect(error.attempts).toMatchObject([{ kind: "LATER" }, { kind: "LATER" }, { kind: "LATER" }]);
  });

  test("a RetryInfo decides when", async () => {
    const { stub, attempts } = await start([() => LATER("later", retryInfo(600)), "ok"]);
    await call(stub, kind);
    expect((attempts[1]?.at ?? 0) - (attempts[0]?.at ?? 0)).toBeGreaterThanOrEqual(600);
  });

  test("if the RetryInfo asks for more time than there is, the call fails at once", async () => {
    const { stub, attempts } = await start([() => LATER("later", { retryInfo: { retryDelay: { seconds: 60n } } })]);
    const started = performance.now();
    expect(await rejection(call(stub, kind, { timeout: 30_000 }))).toMatchObject({ kind: "LATER" });
    expect(performance.now() - started).toBeLessThan(15_000);
    expect(attempts).toHaveLength(1);
  });

  test.for<[title: string, script: Script, before?: (context: ServerContext) => void]>([
    ["an error that is declared, but not as retryable", [() => GONE("gone")]],
    ["an undeclared error of the same status", [() => new GRPCError(Status.RESOURCE_EXHAUSTED, "full")]],
    ["an error without the required RetryInfo", [() => new GRPCError(Status.ABORTED, "", [...(BUSY().details ?? [])])]],
    ["a RetryInfo alone", [() => new GRPCError(Status.UNAVAILABLE, "", [detail(RetryInfoSchema)])]],
    ["an error with a negative pushback", [busy], (context) => context.setRetryPushback("never")],
    ["a retryable error after the headers", [busy], (context) => void context.sendInitialMetadata({})],
  ])("%s is not", async ([, script, before]) => {
    const { stub, attempts } = await start([...script, "ok"], {}, before);
    expect(await rejection(call(stub, kind))).toMatchObject({ attempts: undefined });
    expect(attempts).toHaveLength(1);
  });

  test.for<[title: string, retry: ChannelOptions["retry"], attempts: number]>([
    ["true is the default", true, 2],
    ['"transparent" repeats no declared error', "transparent", 1],
    ["false repeats nothing", false, 1],
    ["a policy repeats declared errors, too", { ...fast, methods: () => false, retryableStatusCodes: [5] }, 2],
  ])("retry: %s", async ([, retry, expected]) => {
    const { stub, attempts } = await start([busy, "ok"], { retry });
    await call(stub, kind).catch(() => {});
    expect(attempts).toHaveLength(expected);
  });

  test("a policy sets the number of attempts, the delays, and onRetry", async () => {
    const events: RetryEvent[] = [];
    const onRetry = (event: RetryEvent) => void events.push(event);
    const { stub, attempts } = await start([busy], { retry: { maxAttempts: 3, initialBackoff: 1, onRetry } });
    await rejection(call(stub, kind));
    expect(attempts).toHaveLength(3);
    expect(events).toMatchObject([
      { attempt: 2, error: { kind: "BUSY" } },
      { attempt: 3, error: { kind: "BUSY" } },
    ]);
    for (const { delay } of events) expect(delay).toBeLessThan(10);
  });

  test("retryable errors and retryable statuses share the attempts and the throttle", async () => {
    const policy = { ...fast, maxAttempts: 3, methods: () => true, throttling: { maxTokens: 6, tokenRatio: 1 } };
    const { stub, attempts } = await start([busy, () => GONE("gone"), busy], { retry: policy });
    expect(await rejection(call(stub, kind))).toMatchObject({
      kind: "BUSY",
      attempts: [{ kind: "BUSY" }, { kind: "GONE" }],
    });
    expect(attempts).toHaveLength(3);
    await rejection(call(stub, kind));
    expect(attempts).toHaveLength(4);
  });

  test("the channel leaves them to a retry() outside, so that attempts do not multiply", async () => {
    const { channel, stub, address, attempts } = await start([busy], { interceptors: [retry(fast)] });
    await rejection(call(stub, kind));
    expect(attempts).toHaveLength(4);
    attempts.length = 0;
    const passing: ClientInterceptor = (_call, next) => next();
    const plain = openChannel(address, { interceptors: [passing] });
    await rejection(call(stubOf(intercept(plain, [retry({ ...fast, maxAttempts: 2 }), passing])), kind));
    expect(attempts).toHaveLength(2);
    attempts.length = 0;
    await rejection(call(stubOf(intercept(channel, [passing])), kind));
    expect(attempts).toHaveLength(4);
  });

  test("interceptors of the channel run once", async () => {
    let calls = 0;
    const counting: ClientInterceptor = (_call, next) => {
      calls += 1;
      return next();
    };
    const { stub, attempts } = await start([busy, "ok"], { interceptors: [counting] });
    await call(stub, kind);
    expect([calls, attempts.length]).toEqual([1, 2]);
  });

  test("open() sends its requests again, before a response", async () => {
    const { stub, attempts } = await start([busy, "ok"]);
    const number = await stub[kind].open(async (stream) => {
      await stream.sendMessage({});
      await stream.end();
      return (await stream.recvMessage())?.number;
    });
    expect(number).toBe(2);
    expect(attempts).toMatchObject([{ requests: 1 }, { requests: 1 }]);
  });

  test("an error that an interceptor throws is repeated if the method declares it, and not that of another method", async () => {
    const other = errorsOf(kind === "unary" ? "bidi" : "unary");
    for (const [make, expected] of [
      [busy, 2],
      [() => other.BUSY("busy"), 1],
      [() => Object.assign(new GRPCError(Status.ABORTED), { retryable: true }), 1],
    ] as const) {
      let calls = 0;
      const failing: ClientInterceptor = () => {
        calls += 1;
        throw make();
      };
      const { stub } = await start(["ok"], { interceptors: [retry({ ...fast, maxAttempts: 2 }), failing] });
      await rejection(call(stub, kind));
      expect(calls).toBe(expected);
    }
  });
});

test.for(["unary", "clientStream"] as const)("%s: .safe() returns the outcome of the last attempt", async (kind) => {
  const { BUSY } = errorsOf(kind);
  const { stub, attempts } = await start([() => BUSY(), "ok", () => BUSY()], { retry: fast });
  const safe = () => (kind === "unary" ? stub.unary.safe({}) : stub.clientStream.safe([{}]));
  expect(await safe()).toMatchObject({ ok: true, value: { number: 2 } });
  expect(await safe()).toMatchObject({ ok: false, error: { kind: "BUSY", retryable: true } });
  expect(attempts).toHaveLength(6);
});

test.for(["serverStream", "bidi"] as const)("%s: an error after a response is not repeated", async (kind) => {
  let attempts = 0;
  const respond = async function* () {
    attempts += 1;
    yield {};
    throw errorsOf(kind).BUSY();
  };
  const { stub } = await serve({ serverStream: respond, bidi: respond });
  expect(await rejection(call(stub, kind))).toMatchObject({ kind: "BUSY", retryable: true });
  expect(attempts).toBe(1);
});

test("all requests of an iterable are sent again", async () => {
  const { stub, attempts } = await start([() => errors.Bidi.BUSY(), "ok"]);
  const requests = async function* () {
    for (let i = 0; i < 10; i++) yield { text: "a".repeat(1000) };
  };
  expect(await collect(stub.bidi(requests()))).toMatchObject([{ number: 2 }]);
  expect(attempts).toMatchObject([{ requests: 10 }, { requests: 10 }]);
});

test("a server that always fails gets few further attempts", async () => {
  const { stub, attempts } = await start([() => errors.Unary.LATER("", retryInfo(1))]);
  await Promise.all(Array.from({ length: 300 }, () => rejection(stub.unary({}))));
  // The first 50 failures may be repeated: at most one attempt follows each.
  expect(attempts.length).toBeLessThanOrEqual(350);
});

test("with hedging, the next attempt starts after the RetryInfo", async () => {
  const { stub, attempts } = await start([() => errors.Unary.LATER("", retryInfo(300)), "ok"], {
    retry: { hedgingDelay: 60_000, methods: () => true },
  });
  await stub.unary({});
  expect((attempts[1]?.at ?? 0) - (attempts[0]?.at ?? 0)).toBeGreaterThanOrEqual(300);
});

describe("cost", () => {
  const method = (contract: object | undefined) => ({ contract }) as unknown as CallRequest["method"];

  test("without a retryable error, a call goes straight to the transport", () => {
    const started: unknown[][] = [];
    const inner = { start: (...args: unknown[]) => started.push(args) } as unknown as Transport;
    const listener = {} as never;
    const gone = methodErrors<Factories>(TestService.method.unary, { GONE: declared.GONE });
    const requests = [undefined, contractBehind(gone)].map((contract) => ({ method: method(contract) }) as CallRequest);
    for (const request of requests) withRetries(inner, undefined).start(request, listener);
    expect(started.map(([request]) => requests.indexOf(request as CallRequest))).toEqual([0, 1]);
    expect(started.map(([, given]) => given === listener)).toEqual([true, true]);
  });
});
