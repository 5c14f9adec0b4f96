import type { HandlerContext } from "@connectrpc/connect";
import type { OptionNames } from "../core/check-options.js";
import type { ContextValues } from "../core/context-values.js";
import { isBinaryKey, isReservedKey } from "../core/metadata.js";
import { Status } from "../core/status.js";
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
    peer: "unknown",
    previousAttempts: attemptsBefore(context.requestHeader),
    refusal: malformedMetadata(context.requestHeader),
  };
  try {
    return { ...head, peer: peer?.(context) ?? head.peer, values: values?.(context) };
  } catch (error) {
    report(error, head.peer);
    return { ...head, refusal: { status: Status.UNKNOWN, message: "Internal Server Error" } };
  }
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
