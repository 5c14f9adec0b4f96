import { expect, test } from "vitest";
import { type RetryPolicy, retry, Status } from "../../src/index.js";
import { connect } from "../harness.js";

const methods = "methods takes a function or a list, as in [LibraryService.method.getBook]";
const statuses = "retryableStatusCodes takes a list of statuses other than OK, as in [Status.UNAVAILABLE], got ";

test.for<[policy: unknown, message: string]>([
  [5, "A retry policy takes an object with options, got 5"],
  [null, "A retry policy takes an object with options, got null"],
  [[], "A retry policy takes an object with options, got "],
  [{ maxAttempt: 3 }, 'A retry policy has no option "maxAttempt". It has maxAttempts, initialBackoff, '],
  [{ maxAttempts: 1 }, "maxAttempts takes a whole number, 2 or more, got 1"],
  [{ maxAttempts: 2.5 }, "maxAttempts takes a whole number, 2 or more, got 2.5"],
  [{ maxAttempts: "3" }, "maxAttempts takes a whole number, 2 or more, got 3"],
  [{ initialBackoff: 0 }, "initialBackoff takes a number of milliseconds greater than 0, got 0"],
  [{ initialBackoff: "0.1s" }, "initialBackoff takes a number of milliseconds greater than 0, got 0.1s"],
  [{ maxBackoff: 0 }, "maxBackoff takes a number of milliseconds greater than 0, got 0"],
  [{ backoffMultiplier: 0 }, "backoffMultiplier takes a number greater than 0, got 0"],
  [{ retryableStatusCodes: [] }, statuses],
  [{ retryableStatusCodes: [Status.OK] }, `${statuses}0`],
  [{ retryableStatusCodes: ["UNAVAILABLE"] }, `${statuses}UNAVAILABLE`],
  [{ retryableStatusCodes: Status.UNAVAILABLE }, `${statuses}14`],
  [{ retryableStatusCodes: [17] }, `${statuses}17`],
  [{ methods: "/a.B/C" }, methods],
  [{ methods: ["GetBook"] }, methods],
  [{ methods: ["/a.B/C", "a.B/C"] }, methods],
  [{ methods: [undefined] }, methods],
  [{ methods: [{}] }, methods],
  [{ hedgingDelay: -1 }, "hedgingDelay takes a number of milliseconds, 0 or more, got -1"],
  [{ throttling: true }, "throttling takes an object with options, got true"],
  [{ throttling: {} }, "maxTokens takes a number greater than 0, at most 1000, got undefined"],
  [{ throttling: { maxTokens: 0, tokenRatio: 1 } }, "maxTokens takes a number greater than 0, at most 1000, got 0"],
  [
    { throttling: { maxTokens: 1001, tokenRatio: 1 } },
    "maxTokens takes a number greater than 0, at most 1000, got 1001",
  ],
  [{ throttling: { maxTokens: 10, tokenRatio: 0 } }, "tokenRatio takes a number greater than 0, got 0"],
  [{ throttling: { maxTokens: 10, ratio: 1 } }, 'throttling has no option "ratio". It has maxTokens, tokenRatio.'],
  [{ maxBufferBytes: -1 }, "maxBufferBytes takes a number of bytes, 0 or more, got -1"],
  [{ onRetry: {} }, "onRetry takes a function, got [object Object]"],
])("%j is a TypeError that says what to do", ([policy, message]) => {
  expect(() => retry(policy as RetryPolicy)).toThrow(TypeError);
  expect(() => retry(policy as RetryPolicy)).toThrow(message);
  const option = () => connect("http://127.0.0.1:1", { retry: policy as RetryPolicy });
  expect(option).toThrow(TypeError);
});

test.for<[policy: RetryPolicy]>([
  [{}],
  [
    {
      maxAttempts: 2,
      initialBackoff: 0.1,
      maxBackoff: 0.1,
      backoffMultiplier: 0.5,
      hedgingDelay: 0,
      maxBufferBytes: 0,
    },
  ],
  [{ maxAttempts: Number.POSITIVE_INFINITY, maxBackoff: Number.POSITIVE_INFINITY }],
  [{ methods: [], throttling: { maxTokens: 1000, tokenRatio: 0.001 } }],
  [{ maxAttempts: undefined, methods: undefined, throttling: undefined, onRetry: undefined }],
])("%j is valid", ([policy]) => {
  expect(retry(policy)).toBeTypeOf("function");
});

test("no policy is one", () => {
  expect(retry()).toBeTypeOf("function");
});
