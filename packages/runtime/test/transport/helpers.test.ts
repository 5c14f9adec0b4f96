import { describe, expect, test, vi } from "vitest";
import { DetailRegistry, Metadata, Status } from "../../src/index.js";
import {
  type CallEnd,
  type CallRequest,
  type ChannelDefaults,
  endedCall,
  notSupported,
  originOf,
  type ResponseListener,
  type Transport,
  type TransportFeatures,
  withDefaults,
} from "../../src/transport.js";

describe("the origin of a status of which nothing else is known", () => {
  test.for<[title: string, status: Parameters<typeof originOf>[0], origin: "peer" | "client"]>([
    ["a status that libraries use too", { status: Status.UNAVAILABLE }, "client"],
    ["with empty metadata", { status: Status.UNAVAILABLE, metadata: new Metadata() }, "client"],
    ["with metadata", { status: Status.UNAVAILABLE, metadata: new Metadata({ key: "value" }) }, "peer"],
    ["with an empty list of details", { status: Status.UNAVAILABLE, details: [] }, "peer"],
    ["with a pushback", { status: Status.UNAVAILABLE, retryPushback: "never" }, "peer"],
    ["a status that only servers send", { status: Status.NOT_FOUND }, "peer"],
    ["OK", { status: Status.OK }, "peer"],
  ])("%s: %j → %s", ([, status, origin]) => {
    expect(originOf(status)).toBe(origin);
  });
});

test("the registry of a channel comes with each end, also with that of a response that cannot be read", () => {
  const registry = new DetailRegistry();
  let listener: ResponseListener | undefined;
  const transport = withDefaults(
    {
      start(_request, given) {
        listener = given;
        return { peer: undefined, send: () => true, end() {}, cancel() {}, pull() {} };
      },
    },
    { registry },
  );
  const ends: (CallEnd | undefined)[] = [];
  transport.start({ method: {} } as never, {
    onHeaders() {},
    onMessage() {},
    onDrain() {},
    onMessagesEnd: (failure) => ends.push(failure),
    onEnd: (end) => ends.push(end),
  });
  const end: CallEnd = { status: Status.INTERNAL, origin: "client" };
  listener?.onEnd(end);
  listener?.onMessagesEnd(end);
  listener?.onMessagesEnd(undefined);
  expect(ends).toEqual([{ ...end, registry }, { ...end, registry }, undefined]);
});

describe("the defaults of a channel", () => {
  /** What a transport with defaults gets of a request. */
  function complete(defaults: ChannelDefaults, request: object): CallRequest {
    const start = vi.fn((_request: CallRequest, _listener: ResponseListener) => ({}) as never);
    withDefaults({ start }, defaults).start({ method: {}, ...request } as CallRequest, {} as never);
    return start.mock.calls[0]?.[0] as CallRequest;
  }

  test.for([false, "transparent"] as const)("without any, and with retry: %s, the request itself", (retry) => {
    const start = vi.fn<Transport["start"]>(() => ({}) as never);
    const [request, listener] = [{} as CallRequest, {} as ResponseListener];
    withDefaults({ start }, { retry }).start(request, listener);
    expect(start.mock.calls[0]?.[0]).toBe(request);
    expect(start.mock.calls[0]?.[1]).toBe(listener);
  });

  test("metadata, before that of the call", () => {
    const metadata = new Metadata({ key: "call" });
    expect(complete({ metadata: { key: "channel" } }, { metadata }).metadata?.getAll("key")).toEqual([
      "channel",
      "call",
    ]);
    expect(complete({ metadata: { key: "channel" } }, {}).metadata?.getAll("key")).toEqual(["channel"]);
    expect(complete({ compression: "gzip" }, {}).metadata).toBeUndefined();
  });

  test("the compression, unless the call has one", () => {
    expect(complete({ compression: "gzip" }, {}).compression).toBe("gzip");
    expect(complete({ compression: "gzip" }, { compression: "identity" }).compression).toBe("identity");
    expect(complete({ metadata: {} }, {}).compression).toBeUndefined();
  });

  test("with a registry, all that happens reaches the listener", () => {
    const start = vi.fn((_request: CallRequest, _listener: ResponseListener) => ({}) as never);
    const listener = {
      onHeaders: vi.fn(),
      onMessage: vi.fn(),
      onMessagesEnd: vi.fn(),
      onDrain: vi.fn(),
      onEnd: vi.fn(),
    };
    withDefaults({ start }, { registry: new DetailRegistry() }).start({ method: {} } as never, listener);
    const [, given] = start.mock.calls[0] ?? [];
    const headers = new Metadata();
    given?.onHeaders(headers);
    given?.onMessage({ $typeName: "a.B" });
    given?.onDrain();
    expect(listener.onHeaders).toHaveBeenCalledExactlyOnceWith(headers);
    expect(listener.onMessage).toHaveBeenCalledExactlyOnceWith({ $typeName: "a.B" });
    expect(listener.onDrain).toHaveBeenCalledTimes(1);
  });

  test("only the registry needs a listener of its own", () => {
    const start = vi.fn((_request: CallRequest, _listener: ResponseListener) => ({}) as never);
    const listener = {} as ResponseListener;
    withDefaults({ start }, { compression: "gzip" }).start({ method: {} } as never, listener);
    withDefaults({ start }, { registry: new DetailRegistry() }).start({ method: {} } as never, listener);
    expect(start.mock.calls.map(([, given]) => given === listener)).toEqual([true, false]);
  });
});

describe("a call that asks for", () => {
  const gzip = { compression: "gzip" };
  const waiting = { waitForReady: true };

  test.for<[title: string, features: TransportFeatures, request: object, message: string | undefined]>([
    ["nothing", {}, {}, undefined],
    ["no compression", {}, { compression: "identity", waitForReady: false }, undefined],
    ["a compression", {}, gzip, "It cannot compress requests with gzip. Omit the option compression."],
    ["a compression that exists", { compressions: ["gzip"] }, gzip, undefined],
    ["a connection", {}, waiting, "It cannot wait for a connection. Omit the option waitForReady."],
    ["a connection, which exists", { waitForReady: true }, waiting, undefined],
  ])("%s", ([, features, request, message]) => {
    const refusal = { status: Status.UNIMPLEMENTED, message, origin: "client" };
    expect(notSupported("It", features, request as never)).toEqual(message === undefined ? undefined : refusal);
  });
});

describe("an ended call", () => {
  const end: CallEnd = { status: Status.UNIMPLEMENTED, origin: "client" };

  function start() {
    const onEnd = vi.fn();
    const onMessagesEnd = vi.fn();
    const call = endedCall(end, { onHeaders() {}, onMessage() {}, onDrain() {}, onMessagesEnd, onEnd });
    return { call, onEnd, onMessagesEnd };
  }

  test("ends after start() has returned", async () => {
    const { onEnd } = start();
    expect(onEnd).not.toHaveBeenCalled();
    await Promise.resolve();
    expect(onEnd).toHaveBeenCalledExactlyOnceWith(end);
  });

  test("does not end if it has been cancelled", async () => {
    const { call, onEnd } = start();
    call.cancel();
    await Promise.resolve();
    expect(onEnd).not.toHaveBeenCalled();
  });

  test("answers each pull, and takes requests without asking to wait", async () => {
    const { call, onMessagesEnd } = start();
    expect(call.send({} as never, false)).toBe(true);
    call.end();
    call.pull();
    await Promise.resolve();
    call.pull();
    await Promise.resolve();
    expect(onMessagesEnd.mock.calls).toEqual([[undefined], [undefined]]);
  });
});
