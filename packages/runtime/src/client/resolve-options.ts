import { checkNumber } from "../core/check-number.js";
import { checkOptions } from "../core/check-options.js";
import { type Compression, checkCompression } from "../core/compression.js";
import type { ContextValues } from "../core/context-values.js";
import { Deadline } from "../core/deadline.js";
import { Metadata } from "../core/metadata.js";
import type { Method } from "../core/method.js";
import { textOf } from "../core/text-of.js";
import type { CallRequest } from "../transport/client.js";
import { ambientCall } from "./ambient-call.js";
import { type CallOptions, callOptionNames, type ParentCall } from "./call-options.js";

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
  const { timeout, deadline, signal, metadata, onHeaders, onTrailers } = options;
  if (typeof (parent ?? {}) !== "object") throw new TypeError(`parent takes a ServerContext, got ${textOf(parent)}`);
  return {
    deadline: Deadline.earliest(
      timeout === undefined ? undefined : Deadline.after(checkNumber("timeout", timeout, "anyMilliseconds")),
      isDate(deadline)
        ? Deadline.at(deadline)
        : checkMember(
            deadline,
            "onExpired",
            "deadline takes a Date or a Deadline (for milliseconds from now, use timeout)",
          ),
      checkMember(parent?.deadline, "onExpired", "parent.deadline takes a Deadline"),
    ),
    signal: checkSignal(signal, "signal takes an AbortSignal"),
    parentSignal: checkSignal(parent?.signal, "parent.signal takes an AbortSignal"),
    // Stryker disable next-line ConditionalExpression: saves an empty Metadata
    metadata: metadata === undefined ? undefined : new Metadata(metadata),
    timeout: deadline === undefined && parent?.deadline === undefined ? timeout : undefined,
    compression: checkCompression(options.compression),
    waitForReady: options.waitForReady ?? false,
    values: checkMember(options.values, "get", "values takes a ContextValues"),
    onHeaders: checkMember(onHeaders, "call", "onHeaders takes a function"),
    onTrailers: checkMember(onTrailers, "call", "onTrailers takes a function"),
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
  const { deadline, metadata, compression, waitForReady, values } = options;
  const timeout = options.timeout ?? deadline?.remaining();
  return { method, metadata, timeout, compression, waitForReady, previousAttempts: 0, values, retried: undefined };
}

const noOptions: ResolvedOptions = Object.freeze(resolve({}, undefined));

// These check for the members that calls use, since the object may be from another copy of this package, another realm
// or a polyfill.

function isDate(given: Date | Deadline | undefined): given is Date {
  return typeof Object(given).getTime === "function";
}

/** Checks an option. @param member a function that the value must have: `"call"` for functions */
export function checkMember<T>(given: T | undefined, member: string, rule: string): T | undefined {
  if (given === undefined || typeof Object(given)[member] === "function") return given;
  throw new TypeError(`${rule}, got ${textOf(given)}`);
}

function checkSignal(given: AbortSignal | undefined, rule: string): AbortSignal | undefined {
  if (given === undefined) return given;
  if (typeof Object(given).addEventListener === "function" && typeof given.aborted === "boolean") return given;
  throw new TypeError(`${rule}, got ${textOf(given)}`);
}
