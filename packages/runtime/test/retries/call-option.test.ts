import { describe, expect, test, vi } from "vitest";
import { type CallOptions, type ClientInterceptor, type RetryPolicy, Status } from "../../src/index.js";
import type { ChannelOptions } from "../../src/node.js";
import { call, kinds } from "../calls/kinds.js";
import { connect, rejection } from "../harness.js";
import { type Answer, startScripted } from "./scripted.js";

// The option `retry` of a call, which takes the place of that of its channel.

const unavailable: Answer = { status: Status.UNAVAILABLE };
const policy: RetryPolicy = { maxAttempts: 2, initialBackoff: 1, methods: () => true };

interface Row {
  readonly script: readonly Answer[];
  readonly ofChannel: ChannelOptions["retry"];
  readonly ofCall: CallOptions["retry"];
  /** How many attempts reach the server. */
  readonly attempts: number;
}

const table: Readonly<Record<string, Row>> = {
  "a policy, on a channel without one": { script: [unavailable], ofChannel: true, ofCall: policy, attempts: 2 },
  "a policy, on a channel with another": {
    script: [unavailable],
    ofChannel: { ...policy, maxAttempts: 4 },
    ofCall: policy,
    attempts: 2,
  },
  "none, on a channel with a policy": { script: [unavailable], ofChannel: policy, ofCall: undefined, attempts: 2 },
  "true, on a channel with a policy": { script: [unavailable], ofChannel: policy, ofCall: true, attempts: 1 },
  '"transparent", on a channel with a policy': {
    script: [unavailable],
    ofChannel: policy,
    ofCall: "transparent",
    attempts: 1,
  },
  '"transparent": a refused stream is repeated': {
    script: ["refuse"],
    ofChannel: false,
    ofCall: "transparent",
    attempts: 2,
  },
  "false, on a channel with a policy": { script: [unavailable], ofChannel: policy, ofCall: false, attempts: 1 },
  "false: a refused stream is not repeated": { script: ["refuse"], ofChannel: true, ofCall: false, attempts: 1 },
  "a policy, on a channel with false: a refused stream is repeated": {
    script: ["refuse"],
    ofChannel: false,
    ofCall: { ...policy, retryableStatusCodes: [Status.ABORTED] },
    attempts: 2,
  },
};

describe.for(Object.entries(table))("%s", ([, { script, ofChannel, ofCall, attempts }]) => {
  test.for(kinds)("%s", async (kind) => {
    const { address, attempts: received } = await startScripted(script);
    const stub = connect(address, { retry: ofChannel });
    expect(await rejection(call(stub, kind, { retry: ofCall }))).toMatchObject({ status: Status.UNAVAILABLE });
    expect(received).toHaveLength(attempts);
  });
});

test("open() and safe() take it", async () => {
  const { address, attempts } = await startScripted([unavailable]);
  const stub = connect(address);
  expect(await stub.unary.safe({}, { retry: policy })).toMatchObject({ ok: false });
  expect(attempts).toHaveLength(2);
  const opened = stub.unary.open(
    async (stream) => {
      await stream.sendMessage({});
      return await stream.recvMessage();
    },
    { retry: policy },
  );
  expect(await rejection(opened)).toMatchObject({ status: Status.UNAVAILABLE });
  expect(attempts).toHaveLength(4);
});

test("calls with the same policy object share its throttling", async () => {
  const { address, attempts } = await startScripted([unavailable]);
  const stub = connect(address);
  const limited = { ...policy, throttling: { maxTokens: 4, tokenRatio: 0.1 } };
  const counts: number[] = [];
  for (let calls = 0; calls < 4; calls++) {
    await rejection(stub.unary({}, { retry: limited }));
    counts.push(attempts.splice(0).length);
  }
  expect(counts).toEqual([2, 1, 1, 1]);
  await rejection(stub.unary({}, { retry: { ...limited } }));
  expect(attempts).toHaveLength(2);
});

const passOn: ClientInterceptor = (_call, next) => next();

describe.for([{ interceptors: [] }, { interceptors: [passOn] }, { interceptors: [], timeout: 59_000 }])(
  "with $interceptors.length interceptors and a default timeout of $timeout",
  (options) => {
    test.for<[retry: unknown, text: string]>([
      ["never", 'retry takes a boolean, "transparent" or a policy, got never'],
      [null, 'retry takes a boolean, "transparent" or a policy, got null'],
      [[], "A retry policy takes an object with options"],
      [{ maxAttempts: "many" }, "maxAttempts takes"],
      [{ attempts: 3 }, 'A retry policy has no option "attempts"'],
    ])("%j is a TypeError that says what is expected, and leaves nothing behind", async ([retry, text]) => {
      const { address, attempts } = await startScripted(["ok"]);
      const stub = connect(address, options);
      const { signal } = new AbortController();
      const timers = vi.spyOn(globalThis, "setTimeout");
      const [added, removed] = [vi.spyOn(signal, "addEventListener"), vi.spyOn(signal, "removeEventListener")];
      for (const kind of kinds) {
        const error = await rejection(call(stub, kind, { retry, signal } as object));
        expect(error).toMatchObject({ name: "TypeError", message: expect.stringContaining(text) });
      }
      expect(attempts).toEqual([]);
      expect(removed.mock.calls.length).toBe(added.mock.calls.length);
      expect(timers.mock.calls.filter(([, delay = 0]) => delay > 58_000)).toEqual([]);
      timers.mockRestore();
    });
  },
);
