import { base64Decode, base64Encode } from "@bufbuild/protobuf/wire";
import { definedOnly } from "../core/defined-only.js";
import { isBinaryKey, isReservedKey, type Metadata, receivedMetadata } from "../core/metadata.js";
import { isShortened } from "../core/metadata-mask.js";
import { isFailure, Status } from "../core/status.js";
import { textOf } from "../core/text-of.js";
import { tryOrUndefined } from "../core/try-or-undefined.js";
import type { Detail } from "./detail.js";
import { detailFromJson, detailToJson, isDetailJson } from "./detail-json.js";
import { checkRegistry, type DetailRegistry, type FindDetailSchema, schemasOf } from "./detail-registry.js";
import type { Declared, GRPCErrorOptions } from "./error-record.js";
import type { ErrorJson } from "./log-shape.js";

/** The properties of a `GRPCError` that its JSON has. */
interface JsonError extends Error {
  readonly status: Status;
  readonly statusMessage: string | undefined;
  readonly details: readonly Detail[] | undefined;
  readonly kind: string | undefined;
  readonly declaredBy: string | undefined;
  readonly retryable: boolean;
  readonly method: string | undefined;
  readonly peer: string | undefined;
  readonly origin: string | undefined;
  readonly metadata: Metadata | undefined;
  readonly corruptDetails: Uint8Array | undefined;
  readonly attempts: readonly { toJSON(): object }[] | undefined;
}

/**
 * Converts an error to JSON: without the stack, and with the cause as text.
 *
 * @param findSchema finds the types of messages inside details. Default: those of the default registry
 */
export function errorToJson(error: JsonError, findSchema: FindDetailSchema = schemasOf(undefined)): ErrorJson {
  const { name, status, statusMessage, kind, declaredBy, retryable, method, peer, origin, cause } = error;
  return definedOnly({
    name,
    status: Status[status],
    kind,
    message: statusMessage,
    details: error.details?.map((detail) => detailToJson(detail, findSchema)),
    method,
    peer,
    origin,
    metadata: error.metadata?.size === 0 ? undefined : error.metadata?.toJSON(),
    declaredBy,
    retryable: retryable || undefined,
    corruptDetails: error.corruptDetails && base64Encode(error.corruptDetails),
    cause: cause === undefined ? undefined : textOf(cause),
    attempts: error.attempts?.map((attempt) => attempt.toJSON()),
  }) as ErrorJson;
}

/** The arguments to construct a restored error with, and its name. */
export interface RestoredError {
  readonly name: string | undefined;
  readonly status: Status;
  readonly message: string | undefined;
  readonly details: readonly Detail[] | undefined;
  /** The JSON of the errors of earlier attempts, unread. */
  readonly attempts: readonly unknown[] | undefined;
  readonly options: GRPCErrorOptions;
}

/** As many retries inside of each other would be a mistake. JSON from elsewhere must not overflow the stack. */
const MAX_LEVELS = 32;

/**
 * Reads the JSON of an error.
 *
 * @param level how many errors contain this one among their attempts
 * @throws TypeError if it does not have the form of an error. Details that cannot be decoded do not cause this.
 */
export function readErrorJson(json: unknown, registry: DetailRegistry | undefined, level: number): RestoredError {
  if (level > MAX_LEVELS) {
    throw new TypeError(`Invalid JSON of a GRPCError: "attempts" must be nested ${MAX_LEVELS} levels deep at most.`);
  }
  if (!isRecord(json)) throw new TypeError("The JSON of a GRPCError must be an object. Parse its text first.");
  const read: Read = (key, valid, accept) => {
    const value = json[key];
    if (value === undefined) return undefined;
    const accepted = tryOrUndefined(() => accept(value));
    if (accepted === undefined) throw new TypeError(`Invalid JSON of a GRPCError: "${key}" must be ${valid}.`);
    return accepted;
  };
  const status = read("status", "the name of a status other than OK", statusIn);
  if (status === undefined) throw new TypeError('Invalid JSON of a GRPCError: "status" is missing.');
  const findSchema = schemasOf(checkRegistry(registry));
  const details = read("details", 'a list of objects with an "@type"', detailsIn);
  return {
    name: read("name", "a string", textIn),
    status,
    message: read("message", "a string", textIn),
    details: details?.map((detail) => detailFromJson(detail, findSchema)),
    attempts: read("attempts", "a list", (value) => (Array.isArray(value) ? value : undefined)),
    options: {
      method: read("method", "a string", textIn),
      peer: read("peer", "a string", textIn),
      origin: read("origin", '"peer" or "client"', originIn),
      metadata: read("metadata", "an object with lists of values", metadataIn),
      corruptDetails: read("corruptDetails", "base64", bytesIn),
      declared: declaredIn(read),
      findSchema,
      ...("cause" in json ? { cause: json["cause"] } : {}),
    },
  };
}

/** Reads a property. `accept` returns `undefined`, or throws, if the value is not valid. */
type Read = <T>(key: string, valid: string, accept: (value: unknown) => T | undefined) => T | undefined;

function declaredIn(read: Read): Declared | undefined {
  const kind = read("kind", "a string", textIn);
  const declaredBy = read("declaredBy", "a string", textIn);
  const retryable = read("retryable", "true or false", booleanIn);
  return kind === undefined || declaredBy === undefined ? undefined : { kind, data: undefined, declaredBy, retryable };
}

const textIn = (value: unknown) => (typeof value === "string" ? value : undefined);

const booleanIn = (value: unknown) => (typeof value === "boolean" ? value : undefined);

const bytesIn = (value: unknown) => (typeof value === "string" ? base64Decode(value) : undefined);

const originIn = (value: unknown) => (value === "peer" || value === "client" ? value : undefined);

const detailsIn = (value: unknown) => (Array.isArray(value) && value.every(isDetailJson) ? value : undefined);

function statusIn(value: unknown): Status | undefined {
  const status = typeof value === "string" ? Status[value as keyof typeof Status] : undefined;
  return isFailure(status) ? status : undefined;
}

/** Leaves out what `Metadata.toJSON()` has masked or shortened. Accepts any text as a value, because peers send more than the constructor of Metadata allows. */
function metadataIn(value: unknown): Metadata | undefined {
  if (!isRecord(value)) return undefined;
  const entries = Object.entries(value).flatMap(([key, values]) => {
    // Received metadata may have a user-agent, which cannot be set.
    if ((isReservedKey(key) && key !== "user-agent") || !Array.isArray(values)) throw new TypeError(key);
    return values.filter((item) => !isShortened(item)).map((item) => metadataEntryIn(key, item));
  });
  return receivedMetadata(entries);
}

function metadataEntryIn(key: string, value: unknown): [key: string, value: string | Uint8Array] {
  if (typeof value !== "string") throw new TypeError(key);
  return [key, isBinaryKey(key) ? base64Decode(value) : value];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
