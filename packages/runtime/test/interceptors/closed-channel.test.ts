import { credentials } from "@grpc/grpc-js";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { grpcJsTransport } from "../../src/grpc-js.js";
import { type ClientInterceptor, GRPCError, retry, Status } from "../../src/index.js";
import { Channel, type ChannelOptions } from "../../src/node.js";
import { HeldCalls, withDefaults } from "../../src/transport.js";
import { call, handleAll, kinds } from "../calls/kinds.js";
import { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import { moment, openChannel, rejection, startServer } from "../harness.js";

// Calls that interceptors and retries hold back when their channel is closed: the transport does not know them.

type Options = Pick<ChannelOptions, "interceptors" | "retry">;

const transports = {
  Channel: (address: string, options: Options) => new Channel(address, options),
  grpcJsTransport: (address: string, options: Options) =>
    grpcJsTransport(new URL(address).host, credentials.createInsecure(), options),
};

const cases = Object.entries(transports).flatMap(([name, create]) =>
  kinds.map((kind) => [name, kind, create] as const),
);
const closed = { status: Status.CANCELLED, message: "The channel is closed", origin: "client" };
const unavailable = () => Promise.reject(new GRPCError(Status.UNAVAILABLE));
const times = { initialBackoff: 600_000, maxBackoff: 600_000 };
const forever = () => new Promise<never>(() => {});

describe.for(cases)("%s, %s", ([, kind, create]) => {
  /** Makes a call, closes the channel once `held` has happened, and returns the error of the call. */
  async function closeDuring(held: Promise<void>, options: Options, handler = unavailable): Promise<unknown> {
    const { address } = await startServer(handleAll(handler));
    const transport = create(address, options);
    onTestFinished(() => transport.close());
    const outcome = rejection(call(new TestServiceStub(transport), kind));
    await held;
    await transport.close();
    return outcome;
  }

  test("an interceptor waits before next()", async () => {
    const { promise, happens } = moment();
    const wait: ClientInterceptor = async () => {
      happens();
      return forever();
    };
    expect(await closeDuring(promise, { interceptors: [wait] })).toMatchObject(closed);
  });

  test("an interceptor waits after next(), and its signal says why", async () => {
    const { promise, happens } = moment();
    let signal: AbortSignal | undefined;
    const wait: ClientInterceptor = async (call, next) => {
      ({ signal } = call);
      await next().catch(happens);
      return forever();
    };
    expect(await closeDuring(promise, { interceptors: [wait] })).toMatchObject(closed);
    expect(signal?.reason).toMatchObject(closed);
  });

  test.for<[name: string, options: (onRetry: () => void) => Options]>([
    ["a policy", (onRetry) => ({ retry: { methods: () => true, ...times, onRetry } })],
    ["retry()", (onRetry) => ({ interceptors: [retry({ methods: () => true, ...times, onRetry })] })],
  ])("%s waits for the next attempt, and leaves no timer behind", async ([, options]) => {
    const { promise, happens } = moment();
    const [started, stopped] = [vi.spyOn(globalThis, "setTimeout"), vi.spyOn(globalThis, "clearTimeout")];
    onTestFinished(() => void vi.restoreAllMocks());
    expect(await closeDuring(promise, options(happens))).toMatchObject(closed);
    const waiting = started.mock.results.filter((_, i) => Number(started.mock.calls[i]?.[1]) > 400_000);
    expect(waiting).not.toEqual([]);
    for (const { value } of waiting) expect(stopped).toHaveBeenCalledWith(value);
  });

  test("an interceptor that has returned is left alone, and a later call is CANCELLED", async () => {
    const { address } = await startServer(handleAll(() => ({})));
    const transport = create(address, { interceptors: [(_call, next) => next()] });
    const stub = new TestServiceStub(transport);
    await call(stub, kind);
    await transport.close();
    expect(await rejection(call(stub, kind))).toMatchObject(closed);
  });
});

test.for(kinds)("%s: calls that are over are not kept", async (kind) => {
  const held = new HeldCalls();
  const { address } = await startServer(handleAll(({ metadata, signal }) => respond(metadata.get("how"), signal)));
  const stub = new TestServiceStub(
    withDefaults(openChannel(address), { interceptors: [(_call, next) => next()] }, held),
  );
  const leaving = new AbortController();
  await call(stub, kind, { metadata: { how: "answer" } });
  await rejection(call(stub, kind, { metadata: { how: "fail" } }));
  await rejection(call(stub, kind, { timeout: 20 }));
  const cancelled = rejection(call(stub, kind, { signal: leaving.signal }));
  expect(held.list()).toHaveLength(1);
  leaving.abort();
  await cancelled;
  expect(held.list()).toEqual([]);
});

/** Answers, fails, or waits until the call is cancelled. */
async function respond(how: string | undefined, signal: AbortSignal): Promise<object> {
  if (how === "answer") return {};
  if (how === "fail") throw new GRPCError(Status.ABORTED);
  return new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
}
