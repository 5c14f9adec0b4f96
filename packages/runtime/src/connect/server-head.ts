import type { HandlerContext } from "@connectrpc/connect";
import type { OptionNames } from "../core/check-options.js";
import type { ContextValues } from "../core/context-values.js";
import { isBinaryKey, isReservedKey } from "../core/metadata.js";
import { Status } from "../core/status.js";
import { textOf } from "../core/text-of.js";
import type { CallStatus } from "../errors/call-end.js";
import type { RequestHead } from "../transport/server.js";
import { parseBinary } from "../wire/headers.js";
import { fromHeaders } from "./metadata.js";

/** What a program knows about the client of a call, and Connect does not say. */
export interface ClientOptions {
  /**
   * Returns the address of the client, for `context.peer`. Default: `"unknown"`,
   * because Connect does not pass it on. If it throws, the call fails, and the error
   * is passed to `onError`.
   */
  readonly peer?: ((call: HandlerContext) => string) | undefined;
  /**
   * Returns the first values of a call, for `context.values`: for example the user
   * that a middleware of express has put into the `contextValues` of Connect's
   * adapter. Default: none. If it throws, the call fails, and the error is passed to
   * `onError`.
   */
  readonly values?: ((call: HandlerContext) => ContextValues) | undefined;
}

export const clientOptionNames: OptionNames<ClientOptions> = { peer: true, values: true };

/** @throws TypeError if an option is not a function */
export function checkClientOptions({ peer, values }: ClientOptions): void {
  for (const [name, value] of Object.entries({ peer, values })) {
    if (value === undefined || typeof value === "function") continue;
    throw new TypeError(`${name} takes a function, got ${textOf(value)}`);
  }
}

/** What Connect and the options say of a call. Reports what a function of the options throws. */
export function headOf(
  context: HandlerContext,
  { peer, values }: ClientOptions,
  report: (error: unknown, peer: string) => void,
): RequestHead {
  const timeout = context.timeoutMs();
  const head = {
    metadata: fromHeaders(context.requestHeader),
    timeout: timeout === undefined ? undefined : Math.max(0, timeout),
    previousAttempts: attemptsBefore(context.requestHeader),
    refusal: malformedMetadata(context.requestHeader),
  };
  let address = "unknown";
  try {
    const given = peer?.(context) ?? address;
    address = check(given, typeof given === "string", "peer must return a string");
    const first = values?.(context);
    const valid = first === undefined || typeof Object(first).get === "function";
    return { ...head, peer: address, values: check(first, valid, "values must return a ContextValues") };
  } catch (error) {
    report(error, address);
    return { ...head, peer: address, refusal: { status: Status.UNKNOWN, message: "Internal Server Error" } };
  }
}

/** @throws TypeError if the result of an option is not valid, for example a promise */
function check<Result>(result: Result, valid: boolean, rule: string): Result {
  if (valid) return result;
  // A rejection that nobody handles would end the process.
  if (result instanceof Promise) result.catch(() => {});
  throw new TypeError(`The option ${rule}, got ${textOf(result)}`);
}

/** The header is only informative, so a malformed value counts as 0. */
function attemptsBefore(headers: Headers): number {
  const text = headers.get("grpc-previous-rpc-attempts") ?? "";
  return /^\d{1,9}$/.test(text) ? Number(text) : 0;
}

function malformedMetadata(headers: Headers): CallStatus | undefined {
  for (const [key, value] of headers) {
    if (isBinaryKey(key) && !isReservedKey(key) && parseBinary(value) === undefined) {
      return { status: Status.INTERNAL, message: `Malformed metadata: ${key} is not base64` };
    }
  }
  return undefined;
}
