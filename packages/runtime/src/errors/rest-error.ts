import type { JsonObject } from "@bufbuild/protobuf";
import { Status } from "../core/status.js";
import { tryOrUndefined } from "../core/try-or-undefined.js";
import { type Detail, Unknown } from "./detail.js";
import { detailFromJson, detailToJson, isDetailJson } from "./detail-json.js";
import { checkRegistry, type DetailRegistry, schemasOf } from "./detail-registry.js";
import { GRPCError } from "./error.js";
import { recordOf, updateRecord } from "./error-record.js";
import { type FailureStatus, statusOfRestError } from "./http-status.js";
import { statusOf } from "./status-of.js";

// What the two forms of errors in REST APIs have in common: problem.ts and http-json.ts.

/** Options for the conversion of an error to the answer of a REST API. */
export interface RestErrorOptions {
  /**
   * Whether the messages and details of errors of outgoing calls are sent, too, if no contract declares them.
   * Default: false. To send those of one error, convert the result of its `relay()`.
   */
  readonly relayErrors?: boolean | undefined;
  /** The types of the details. Default: those that the channel of a received error knows, or else the default registry. */
  readonly registry?: DetailRegistry | undefined;
}

/** Options for reading the answer of a REST API. */
export interface RestAnswerOptions {
  /** The HTTP status of the answer. Used if its body does not say which status the error has. */
  readonly httpStatus?: number | undefined;
  /** The types to decode details to; others become an {@link Unknown}. Default: the default registry. */
  readonly registry?: DetailRegistry | undefined;
}

/** What of an error a REST API sends. */
export interface SentError {
  readonly status: FailureStatus;
  readonly message: string | undefined;
  readonly details: readonly SentDetail[];
}

/** A detail, and its JSON. */
export interface SentDetail {
  readonly detail: Detail;
  readonly json: JsonObject;
}

/** Leaves out what must not leave the server. Never throws, whatever the error is. */
export function sentError(error: unknown, { relayErrors = false, registry }: RestErrorOptions): SentError {
  const known = checkRegistry(registry);
  const status = statusOf(error) as FailureStatus | undefined;
  const statusOnly = { status: status ?? Status.UNKNOWN, message: undefined, details: [] } as const;
  if (!(error instanceof GRPCError) || status === undefined) return statusOnly;
  const read = (): SentError => {
    const { origin, kind, statusMessage, details = [] } = error;
    if (origin !== undefined && kind === undefined && !relayErrors) return statusOnly;
    const findSchema = (known === undefined && recordOf(error)?.findSchema) || schemasOf(known);
    const sent = details.filter((detail) => typeNameOf(detail) !== "google.rpc.DebugInfo");
    return {
      status,
      message: statusMessage,
      details: sent.map((detail) => ({ detail, json: detailToJson(detail, findSchema) })),
    };
  };
  return tryOrUndefined(read) ?? statusOnly;
}

function typeNameOf(detail: Detail): string {
  return detail instanceof Unknown ? detail.typeName : detail.$typeName;
}

/** What the body of an answer says about an error. Each member can have any type. */
export interface ReceivedBody {
  /** The name of the gRPC status. */
  readonly status: unknown;
  readonly httpStatus: unknown;
  readonly message: unknown;
  /** The message, if there is no gRPC status, and so the error was not made by this library. */
  readonly foreignMessage?: unknown;
  readonly details: unknown;
}

/**
 * Creates the error that an answer describes. Ignores what is invalid. Contracts recognise the error like the
 * result of `relay()`, because only the caller knows which method it is about.
 */
export function receivedError(body: ReceivedBody, { httpStatus, registry }: RestAnswerOptions): GRPCError {
  const findSchema = schemasOf(checkRegistry(registry));
  const code = typeof body.httpStatus === "number" ? body.httpStatus : httpStatus;
  const named = statusNamed(body.status);
  const message = [body.message, named === undefined ? body.foreignMessage : undefined].find(isString);
  const readDetail = (json: unknown) => (isDetailJson(json) ? [detailFromJson(json, findSchema)] : []);
  const list: unknown[] | undefined = Array.isArray(body.details)
    ? (tryOrUndefined(() => [...(body.details as unknown[])]) ?? [])
    : undefined;
  const error = new GRPCError(
    named ?? statusOfRestError(code),
    message ?? (named === undefined && code !== undefined ? `HTTP status ${code}` : undefined),
    list?.flatMap((json) => tryOrUndefined(() => readDetail(json)) ?? []),
    { origin: "peer", findSchema },
  );
  updateRecord(error, { relayed: true });
  return error;
}

function statusNamed(name: unknown): FailureStatus | undefined {
  const status = typeof name === "string" ? Status[name as keyof typeof Status] : undefined;
  // `Status` also has the names by the numbers.
  return typeof status === "number" && status !== Status.OK ? status : undefined;
}

/** Whether a value from a peer is a text. */
export function isString(value: unknown): value is string {
  return typeof value === "string";
}

/** The members of a value from a peer; none if it is not an object, or cannot be read. */
export function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return (isObject ? tryOrUndefined(() => ({ ...value })) : undefined) ?? {};
}
