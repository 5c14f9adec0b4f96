import type { JsonObject } from "@bufbuild/protobuf";
import { Status } from "../core/status.js";
import { ErrorInfoSchema } from "../gen/google/rpc/error_details_pb.js";
import { findDetail } from "./detail.js";
import type { GRPCError } from "./error.js";
import { httpStatuses } from "./http-status.js";
import {
  isString,
  membersOf,
  type RestAnswerOptions,
  type RestErrorOptions,
  receivedError,
  sentError,
} from "./rest-error.js";

/**
 * An error of a REST API, for the content type `application/problem+json`.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9457
 */
export interface Problem {
  /** A URI that identifies the kind of error, see {@link ProblemOptions.type}; `about:blank` if it has no reason. */
  readonly type: string;
  /** The reason in words, or the name of the HTTP status. The same for all errors of a type. */
  readonly title: string;
  /** The HTTP status. */
  readonly status: number;
  /** The status message; missing if the error has none. */
  readonly detail?: string;
  /** The name of the gRPC status. */
  readonly grpcStatus: string;
  /** The reason of the `google.rpc.ErrorInfo`; this and the next two are missing if the error has none. */
  readonly reason?: string;
  /** The domain of the `google.rpc.ErrorInfo`. */
  readonly domain?: string;
  /** The metadata of the `google.rpc.ErrorInfo`. */
  readonly metadata?: { readonly [key: string]: string };
  /** The other details, in the JSON form of `google.protobuf.Any`; missing if there are none. */
  readonly details?: readonly JsonObject[];
}

/** Options of {@link toProblem}. */
export interface ProblemOptions extends RestErrorOptions {
  /**
   * Returns the URI for the `type` of an error with a reason. It is an identifier, but people may open it in a browser.
   * Default: `https://<domain>/errors/<reason>`, or `about:blank` if the domain is empty
   */
  readonly type?: ((info: { readonly reason: string; readonly domain: string }) => string) | undefined;
}

/**
 * Converts an error to a problem (RFC 9457), with the HTTP status of AIP-193.
 *
 * Sends status, message and details of a `GRPCError`, but neither its cause, stack and
 * metadata, nor `google.rpc.DebugInfo`. Of an error of an outgoing call that no contract
 * declares, it sends only the status, see `relayErrors`. Any other value becomes a 500,
 * without its text. Never throws, unless `type` does.
 *
 * ```ts
 * const problem = toProblem(new GRPCError(Status.NOT_FOUND, "no such book"));
 * new Response(JSON.stringify(problem), {
 *   status: problem.status,
 *   headers: { "content-type": "application/problem+json" },
 * });
 * ```
 *
 * @throws TypeError if `registry` is not a registry
 */
export function toProblem(error: unknown, { type = typeOf, ...options }: ProblemOptions = {}): Problem {
  const { status, message, details } = sentError(error, options);
  const found = details.flatMap(({ detail }, index) => {
    const info = infoMembers(membersOf(findDetail([detail], ErrorInfoSchema)));
    return info === undefined ? [] : [{ info, index }];
  })[0];
  const others = details.filter((_, index) => index !== found?.index).map(({ json }) => json);
  return {
    type: found === undefined ? "about:blank" : type({ reason: found.info.reason, domain: found.info.domain }),
    title: found === undefined ? httpStatuses[status].phrase : inWords(found.info.reason),
    status: httpStatuses[status].code,
    ...(message === undefined ? {} : { detail: message }),
    grpcStatus: Status[status],
    ...found?.info,
    ...(others.length === 0 ? {} : { details: others }),
  };
}

/** Any text can be the host of a URI if it is encoded. */
function typeOf({ reason, domain }: { readonly reason: string; readonly domain: string }): string {
  if (domain === "") return "about:blank";
  return `https://${encodeUriPart(domain)}/errors/${encodeUriPart(reason)}`;
}

/** Replaces halves of surrogate pairs, which have no encoding. */
function encodeUriPart(text: string): string {
  return encodeURIComponent(text.replaceAll(/\p{Surrogate}/gu, "\ufffd"));
}

/** `Book not found` for `BOOK_NOT_FOUND`. */
function inWords(reason: string): string {
  return reason.charAt(0) + reason.slice(1).toLowerCase().replaceAll("_", " ");
}

/** The members of an error info, whatever their types are; `undefined` if there is no reason. */
function infoMembers({ reason, domain, metadata }: Readonly<Record<string, unknown>>) {
  if (!isString(reason) || reason === "") return undefined;
  const texts = Object.entries(membersOf(metadata)).filter((entry): entry is [string, string] => isString(entry[1]));
  return { reason, domain: isString(domain) ? domain : "", metadata: Object.fromEntries(texts) };
}

/**
 * Reads a problem (RFC 9457): one of {@link toProblem}, or of any other server.
 * `is()` of the contract of the method recognises declared errors, and gives them their `kind` and `data`.
 *
 * Never throws, whatever the value is: what is invalid is ignored. If the problem does
 * not name a gRPC status, the error has the one for the HTTP status, or else UNKNOWN.
 *
 * @param problem the value, not its text
 * @throws TypeError if `registry` is not a registry
 */
export function fromProblem(problem: unknown, options: RestAnswerOptions = {}): GRPCError {
  const { status, title, detail, grpcStatus, details, ...info } = membersOf(problem);
  const members = infoMembers(info);
  const infoJson = members && { "@type": `type.googleapis.com/${ErrorInfoSchema.typeName}`, ...members };
  const others = Array.isArray(details) ? details : undefined;
  return receivedError(
    {
      status: grpcStatus,
      httpStatus: status,
      message: detail,
      foreignMessage: title,
      details: infoJson === undefined ? others : [infoJson, ...(others ?? [])],
    },
    options,
  );
}
