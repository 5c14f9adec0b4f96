import type { DescMethod } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel } from "@bufbuild/protobuf/wkt";
import type { BackoffTimes } from "../core/backoff.js";
import * as checkNumber from "../core/check-number.js";
import { check, checkOptions, type OptionNames } from "../core/check-options.js";
import { describeMethod, type Method } from "../core/method.js";
import { isFailure, Status } from "../core/status.js";
import { textOf } from "../core/text-of.js";
import type { GRPCError } from "../errors/error.js";
import type { RetryThrottling } from "./retry-throttle.js";

/**
 * Which calls are retried, how often, and when. Errors that their method declares
 * as retryable are, whatever the policy says about statuses and methods.
 */
export interface RetryPolicy {
  /** The attempts of a call, the first one included: 2 or more. More than 5 count as 5. Default: 4. */
  readonly maxAttempts?: number | undefined;
  /** The time before the second attempt, in milliseconds. This and later times vary by ±20 % at random. Default: 100. */
  readonly initialBackoff?: number | undefined;
  /** The longest time between two attempts, before the random part, in milliseconds. Default: 5000. */
  readonly maxBackoff?: number | undefined;
  /** How many times as long to wait before each further attempt. Greater than 0. Default: 2. */
  readonly backoffMultiplier?: number | undefined;
  /** The statuses after which a call is retried. Default: UNAVAILABLE. */
  readonly retryableStatusCodes?: readonly Status[] | undefined;
  /**
   * The methods that a server may process more than once for a call: their
   * descriptors, as in `LibraryService.method.getBook`, their paths, as in
   * `"/library.v1.LibraryService/GetBook"`, or a function. Default: those whose
   * `idempotency_level` in the `.proto` file is `NO_SIDE_EFFECTS` or `IDEMPOTENT`.
   *
   * Calls of other methods are retried only if the server cannot have processed
   * them, or fail with an error that the method declares as retryable.
   */
  readonly methods?: readonly (DescMethod | string)[] | ((method: Method) => boolean) | undefined;
  /**
   * The time, in milliseconds, after which another attempt starts although the
   * earlier ones are not over. After a retryable failure it starts at once, or when
   * the server says. The first response is that of the call, and the other attempts
   * are cancelled. Only for those `methods` that have a single response. Default:
   * attempts of a call do not overlap.
   *
   * @see https://github.com/grpc/proposal/blob/master/A6-client-retries.md#hedging-policy
   */
  readonly hedgingDelay?: number | undefined;
  /**
   * Limits retries while the server fails most calls. The calls of all methods
   * count. Default: `{ maxTokens: 100, tokenRatio: 0.1 }`; `false` for no limit.
   */
  readonly throttling?: RetryThrottling | false | undefined;
  /**
   * The size that the streamed requests of a call may have together to be kept for
   * further attempts, in bytes. A call that sends more is not retried. Default: 1 MiB.
   */
  readonly maxBufferBytes?: number | undefined;
  /**
   * The size that the kept requests of all calls in flight may have together, in bytes.
   * A call whose next request does not fit is not retried. Default: 16 MiB.
   */
  readonly maxTotalBufferBytes?: number | undefined;
  /**
   * Called before each further attempt, for logs and metrics. The attempt does not
   * wait for the promise that it may return. If it throws, or its promise rejects
   * while the call lasts, the call fails with that error.
   */
  readonly onRetry?: ((retry: RetryEvent) => void) | undefined;
}

/**
 * Whether and when failed calls are sent again:
 *
 * - `"transparent"`: if the server did not process them: once if it refused the
 *   stream (REFUSED_STREAM), up to five times if it went away before it had read the
 *   call (GOAWAY).
 * - `true`: transparently, and after errors that their method declares as
 *   `retryable`, with the attempts, delays and limits that a policy has by default.
 * - A policy: transparently, and as {@link retry} with this policy does. This
 *   includes errors that are declared as `retryable`.
 * - `false`: never.
 *
 * @see https://github.com/grpc/proposal/blob/master/A6-client-retries.md
 */
export type RetryOption = boolean | "transparent" | RetryPolicy;

/** A further attempt of a call that is about to be made. */
export interface RetryEvent {
  /** The method of the call. */
  readonly method: Method;
  /** The number of the attempt that follows: 2 for the first retry. */
  readonly attempt: number;
  /** Why the last attempt failed; `undefined` if it is not over, see `hedgingDelay`. */
  readonly error: GRPCError | undefined;
  /** The milliseconds until then. */
  readonly delay: number;
}

/** A checked policy. */
export interface RetrySettings {
  readonly maxAttempts: number;
  readonly backoff: BackoffTimes;
  readonly statuses: ReadonlySet<Status>;
  readonly mayRepeat: (method: Method) => boolean;
  readonly hedgingDelay: number | undefined;
  readonly throttling: RetryThrottling | undefined;
  readonly maxBufferBytes: number | undefined;
  readonly maxTotalBufferBytes: number;
  readonly onRetry: ((retry: RetryEvent) => void) | undefined;
}

const policyNames: OptionNames<RetryPolicy> = {
  maxAttempts: true,
  initialBackoff: true,
  maxBackoff: true,
  backoffMultiplier: true,
  retryableStatusCodes: true,
  methods: true,
  hedgingDelay: true,
  throttling: true,
  maxBufferBytes: true,
  maxTotalBufferBytes: true,
  onRetry: true,
};

const throttlingNames: OptionNames<RetryThrottling> = { maxTokens: true, tokenRatio: true };

const { NO_SIDE_EFFECTS, IDEMPOTENT } = MethodOptions_IdempotencyLevel;
const repeatableLevels: readonly MethodOptions_IdempotencyLevel[] = [NO_SIDE_EFFECTS, IDEMPOTENT];

/** As in A6, whatever a policy asks for. */
const MOST_ATTEMPTS = 5;

/** The part by which the time before an attempt varies. */
const JITTER = 0.2;

/** Checks a policy, and fills in the defaults. @throws TypeError if it is invalid */
export function retrySettings(policy: RetryPolicy): RetrySettings {
  checkOptions("A retry policy", policy, policyNames);
  const { maxAttempts = 4, initialBackoff = 100, maxBackoff = 5_000, backoffMultiplier = 2, hedgingDelay } = policy;
  const { throttling = { maxTokens: 100, tokenRatio: 0.1 }, maxBufferBytes, onRetry } = policy;
  const { maxTotalBufferBytes = 16 * 1024 * 1024 } = policy;
  return {
    maxAttempts: Math.min(checkNumber.attempts("maxAttempts", maxAttempts), MOST_ATTEMPTS),
    backoff: {
      initial: checkNumber.positiveMilliseconds("initialBackoff", initialBackoff),
      multiplier: checkNumber.positive("backoffMultiplier", backoffMultiplier),
      jitter: JITTER,
      max: checkNumber.positiveMilliseconds("maxBackoff", maxBackoff),
    },
    statuses: statusesOf(policy.retryableStatusCodes ?? [Status.UNAVAILABLE]),
    mayRepeat: repeatable(policy.methods),
    hedgingDelay: hedgingDelay === undefined ? undefined : checkNumber.milliseconds("hedgingDelay", hedgingDelay),
    throttling: throttling === false ? undefined : checkThrottling(throttling),
    maxBufferBytes: maxBufferBytes === undefined ? undefined : checkNumber.bytes("maxBufferBytes", maxBufferBytes),
    maxTotalBufferBytes: checkNumber.bytes("maxTotalBufferBytes", maxTotalBufferBytes),
    onRetry: check(onRetry, typeof onRetry === "function", "onRetry takes a function"),
  };
}

function checkThrottling(throttling: RetryThrottling): RetryThrottling {
  checkOptions("throttling", throttling, throttlingNames);
  return {
    maxTokens: checkNumber.tokens("maxTokens", throttling.maxTokens),
    tokenRatio: checkNumber.positive("tokenRatio", throttling.tokenRatio),
  };
}

function statusesOf(statuses: readonly Status[]): ReadonlySet<Status> {
  if (Array.isArray(statuses) && statuses.length > 0 && statuses.every(isFailure)) return new Set(statuses);
  const got = textOf(statuses);
  throw new TypeError(
    `retryableStatusCodes takes a list of statuses other than OK, as in [Status.UNAVAILABLE], got ${got}`,
  );
}

function repeatable(methods: RetryPolicy["methods"]): (method: Method) => boolean {
  if (methods === undefined) return ({ desc }) => repeatableLevels.includes(desc.idempotency);
  if (typeof methods === "function") return methods;
  const paths = Array.isArray(methods) ? methods.map(pathOf) : [undefined];
  if (!paths.includes(undefined)) return ({ path }) => paths.includes(path);
  throw new TypeError("methods takes a function or a list, as in [LibraryService.method.getBook]");
}

/** The path of a method in a list; `undefined` if it is not one. */
function pathOf(method: DescMethod | string): string | undefined {
  if (typeof method === "string") return /^\/[^/]+\/[^/]+$/.test(method) ? method : undefined;
  return Object(method).kind === "rpc" ? describeMethod(method).path : undefined;
}
