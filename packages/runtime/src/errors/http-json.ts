import type { JsonObject } from "@bufbuild/protobuf";
import { Status } from "../core/status.js";
import type { GRPCError } from "./error.js";
import { httpStatuses } from "./http-status.js";
import { membersOf, type RestAnswerOptions, type RestErrorOptions, receivedError, sentError } from "./rest-error.js";

/**
 * An error of a REST API in the form of Google's APIs, for the content type `application/json`.
 *
 * @see https://google.aip.dev/193
 */
export interface HttpJsonError {
  /** The only member of the answer. */
  readonly error: {
    /** The HTTP status. */
    readonly code: number;
    /** The status message, or the name of the HTTP status if there is none. */
    readonly message: string;
    /** The name of the gRPC status. */
    readonly status: string;
    /** The details, in the JSON form of `google.protobuf.Any`. */
    readonly details: readonly JsonObject[];
  };
}

/**
 * Converts an error to the JSON form of AIP-193, `{ error: { code, message, status, details } }`. Sends as much of
 * the error as `toProblem()`. Never throws.
 *
 * @throws TypeError if `registry` is not a registry
 */
export function toHttpJson(error: unknown, options: RestErrorOptions = {}): HttpJsonError {
  const { status, message, details } = sentError(error, options);
  const { code, phrase } = httpStatuses[status];
  return {
    error: { code, message: message ?? phrase, status: Status[status], details: details.map(({ json }) => json) },
  };
}

/**
 * Reads an error in the JSON form of AIP-193, as Google's APIs and {@link toHttpJson} send it. In everything else,
 * like `fromProblem()`.
 *
 * @param json the value, not its text
 * @throws TypeError if `registry` is not a registry
 */
export function fromHttpJson(json: unknown, options: RestAnswerOptions = {}): GRPCError {
  const { code, message, status, details } = membersOf(membersOf(json)["error"]);
  return receivedError({ status, httpStatus: code, message, details }, options);
}
