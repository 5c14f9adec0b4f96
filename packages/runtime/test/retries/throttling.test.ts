import { describe, expect, test } from "vitest";
import { RetryThrottle } from "../../src/client/retry-throttle.js";
import { retry, Status } from "../../src/index.js";
import { connect, rejection } from "../harness.js";
import { type Answer, startScripted } from "./scripted.js";

// https://github.com/grpc/proposal/blob/master/A6-client-retries.md#throttling-retry-attempts-and-hedged-rpcs

const { UNAVAILABLE, ABORTED } = Status;

describe("the bucket", () => {
  /** The state after each event: + for a success, - for a failure. */
  test.for<[maxTokens: number, tokenRatio: number, events: string, open: string]>([
    // Exactly half is not enough.
    [4, 1, "---", "yes no no"],
    [5, 1, "---", "yes yes no"],
    [10, 0.5, "-----+", "yes yes yes yes no yes"],
    [10, 0.5, "------++", "yes yes yes yes no no no no"],
    // It holds no less than 0 and no more than maxTokens.
    [2, 1, "-----++", "no no no no no no yes"],
    [2, 0.5, "++++-", "yes yes yes yes no"],
    [1, 1, "-+", "no yes"],
    [1, 0.1, "-++++++", "no no no no no no yes"],
  ])("maxTokens %d, tokenRatio %d: %s is %s", ([maxTokens, tokenRatio, events, open]) => {
    const throttle = new RetryThrottle({ maxTokens, tokenRatio });
    expect(throttle.open).toBe(true);
    const states = [...events].map((event) => {
      if (event === "+") throttle.onSuccess();
      else throttle.onFailure();
      return throttle.open ? "yes" : "no";
    });
    expect(states.join(" ")).toBe(open);
  });
});

const unavailable: Answer = { status: UNAVAILABLE };

/** The attempts of each of a number of calls. */
async function attemptsOfCalls(script: readonly Answer[], policy: object, calls: number): Promise<number[]> {
  const { stub, attempts } = await startScripted(script, { maxAttempts: 2, ...policy });
  const counts: number[] = [];
  for (let i = 0; i < calls; i++) {
    attempts.length = 0;
    await stub.unary({}).catch(() => {});
    counts.push(attempts.length);
  }
  return counts;
}

const throttling = { maxTokens: 4, tokenRatio: 1 };

test.for<[name: string, script: readonly Answer[], policy: object, counts: readonly number[]]>([
  ["failures stop retries, of other calls too", [unavailable], { throttling }, [2, 1, 1]],
  ["successes allow them again", [unavailable, unavailable, "ok", "ok", unavailable], { throttling }, [2, 1, 1, 2, 1]],
  ["other statuses do not count", [{ status: ABORTED }, { status: ABORTED }, unavailable], { throttling }, [1, 1, 2]],
  [
    "but do if the server pushes back, whatever the status",
    [{ status: ABORTED, pushback: "-1" }, { status: ABORTED, pushback: "-1" }, unavailable],
    { throttling },
    [1, 1, 1],
  ],
  [
    "failures after the headers count",
    [{ status: UNAVAILABLE, headers: true }, { status: UNAVAILABLE, headers: true }, unavailable],
    { throttling },
    [1, 1, 1],
  ],
  ["by default 50 failures do", [unavailable], {}, [...Array<number>(25).fill(2).slice(1), 2, 1, 1]],
  ["with false they never do", [unavailable], { throttling: false }, Array<number>(30).fill(2)],
])("%s", async ([, script, policy, counts]) => {
  expect(await attemptsOfCalls(script, policy, counts.length)).toEqual(counts);
});

test("a call that the caller cancels does not count, whatever statuses are retryable", async () => {
  const retryableStatusCodes = [UNAVAILABLE, Status.CANCELLED];
  const { stub, attempts } = await startScripted(["silence", "silence", unavailable, "ok"], {
    throttling: { maxTokens: 4, tokenRatio: 1 },
    retryableStatusCodes,
  });
  for (let i = 1; i <= 2; i++) {
    const controller = new AbortController();
    const cancelled = rejection(stub.unary({}, { signal: controller.signal }));
    await expect.poll(() => attempts.length).toBe(i);
    controller.abort();
    expect(await cancelled).toMatchObject({ status: Status.CANCELLED });
  }
  expect(await stub.unary({})).toMatchObject({ number: 4 });
});

test("each retry() has a bucket of its own, which its channels share", async () => {
  const { address, policy, attempts } = await startScripted([unavailable], { maxAttempts: 2, throttling });
  const count = async (interceptor: ReturnType<typeof retry>) => {
    attempts.length = 0;
    await rejection(connect(address, { interceptors: [interceptor] }).unary({}));
    return attempts.length;
  };
  const [first, second] = [retry(policy), retry(policy)];
  expect([await count(first), await count(first), await count(second)]).toEqual([2, 1, 2]);
});
