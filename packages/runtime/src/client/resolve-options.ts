import { check, checkOptions } from "../core/check-options.js";
import { type Compression, checkCompression } from "../core/compression.js";
import type { ContextValues } from "../core/context-values.js";
import { Deadline } from "../core/deadline.js";
import { Metadata } from "../core/metadata.js";
import type { Method } from "../core/method.js";
import type { CallRequest } from "../transport/client.js";
import { ambientCall } from "./ambient-call.js";
import { type CallOptions, callOptionNames, type ParentCall } from "./call-options.js";
import type { RetryOption } from "./retry-policy.js";

/** The options of a call, checked and with defaults applied. */
export interface ResolvedOptions extends Pick<CallOptions, "onHeaders" | "onTrailers"> {
  /** The earliest of the timeout, the deadline and the parent's deadline. */
  readonly deadline: Deadline | undefined;
  /** Cancels the call. */
  readonly signal: AbortSignal | undefined;
  /** Cancels the call, or ends it with DEADLINE_EXCEEDED. */
  readonly parentSignal: AbortSignal | undefined;
  readonly metadata: Metadata | undefined;
  /**
   * The caller's timeout in milliseconds, if there is no deadline besides it. A call
   * that starts at once sends it instead of the time left until `deadline`, because
   * header compression works on values that repeat, and the time left differs with
   * every call.
   */
  readonly timeout: number | undefined;
  readonly compression: Compression | undefined;
  readonly waitForReady: boolean;
  readonly retry: RetryOption | undefined;
  readonly values: ContextValues | undefined;
}

/**
 * Resolves the options of a call.
 *
 * @throws TypeError for metadata that cannot be sent, or an option that is unknown or of the wrong type
 */
export function resolveOptions(options: CallOptions | undefined): ResolvedOptions {
  const parent = options?.parent === undefined ? ambientCall() : options.parent;
  return options === undefined && parent === undefined ? noOptions : resolve(options ?? {}, parent);
}

function resolve(options: CallOptions, parent: ParentCall | null | undefined): ResolvedOptions {
  checkOptions("A call", options, callOptionNames);
  const { timeout, deadline, signal, metadata, values, onHeaders, onTrailers } = options;
  check(parent ?? undefined, typeof parent === "object", "parent takes a ServerContext");
  // 0 and negative values are valid: a caller may pass the time left until a deadline that has passed.
  check(timeout, typeof timeout === "number" && !Number.isNaN(timeout), "timeout takes a number of milliseconds");
  const rule = "deadline takes a Date or a Deadline (for milliseconds from now, use timeout)";
  return {
    deadline: Deadline.earliest(
      timeout === undefined ? undefined : Deadline.after(timeout),
      isDate(deadline) ? Deadline.at(deadline) : check(deadline, has(deadline, "onExpired"), rule),
      check(parent?.deadline, has(parent?.deadline, "onExpired"), "parent.deadline takes a Deadline"),
    ),
    signal: check(signal, isSignal(signal), "signal takes an AbortSignal"),
    parentSignal: check(parent?.signal, isSignal(parent?.signal), "parent.signal takes an AbortSignal"),
    // Stryker disable next-line ConditionalExpression: saves an empty Metadata
    metadata: metadata === undefined ? undefined : new Metadata(metadata),
    timeout: deadline === undefined && parent?.deadline === undefined ? timeout : undefined,
    compression: checkCompression(options.compression),
    waitForReady: options.waitForReady ?? false,
    // The channel checks it.
    retry: options.retry,
    values: check(values, has(values, "get"), "values takes a ContextValues"),
    onHeaders: check(onHeaders, has(onHeaders, "call"), "onHeaders takes a function"),
    onTrailers: check(onTrailers, has(onTrailers, "call"), "onTrailers takes a function"),
  };
}

/** What the caller gave, unless time has passed since. Otherwise the time that is left. */
export function timeoutToSend(timeout: number | undefined, deadline: Deadline | undefined): number | undefined {
  const left = deadline?.remaining();
  return timeout !== undefined && left !== undefined && timeout - left < 1 ? timeout : left;
}

/** The options of a call that starts later than they were resolved. */
export function startingNow(options: ResolvedOptions): ResolvedOptions {
  return { ...options, timeout: timeoutToSend(options.timeout, options.deadline) };
}

/** What a call with these options asks of a transport. */
export function requestOf(method: Method, options: ResolvedOptions): CallRequest {
  const { deadline, metadata, compression, waitForReady, retry, values } = options;
  const timeout = options.timeout ?? deadline?.remaining();
  return {
    method,
    metadata,
    timeout,
    compression,
    waitForReady,
    retry,
    previousAttempts: 0,
    values,
    retried: undefined,
  };
}

// These check for the members that calls use, since the object may be from another copy of this package, another realm
// or a polyfill.

const has = (given: unknown, method: string): boolean => typeof Object(given)[method] === "function";

const isDate = (given: Date | Deadline | undefined): given is Date => has(given, "getTime");

const isSignal = (given: AbortSignal | undefined): boolean =>
  has(given, "addEventListener") && typeof given?.aborted === "boolean";

const noOptions: ResolvedOptions = Object.freeze(resolve({}, undefined));
