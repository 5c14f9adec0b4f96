import type { Metadata } from "../core/metadata.js";
import { textOf } from "../core/text-of.js";
import { tryOrUndefined } from "../core/try-or-undefined.js";
import { LocalizedMessageSchema } from "../gen/google/rpc/error_details_pb.js";
import { type Detail, findDetail } from "./detail.js";
import type { FindDetailSchema } from "./detail-registry.js";

/** Identifies a `GRPCError` as an error that a contract declares. */
export interface Declared {
  /** Name of the error in the contract. */
  readonly kind: string;
  /** Its typed payload; `undefined` if the error was restored from JSON and no contract has recognised it yet. */
  readonly data: object | undefined;
  /** Path of the method whose contract declares the error, or the full name of a shared error. */
  readonly declaredBy: string;
  /** Whether the contract says that the same request may be sent again. */
  readonly retryable?: boolean | undefined;
}

/** What a `GRPCError` can carry in addition to status, message and details. */
export interface GRPCErrorOptions extends ErrorOptions {
  /** Trailing metadata: sent with an error that a handler throws, or received with the status. */
  readonly metadata?: Metadata | undefined;
  /** Set by the runtime on errors of outgoing calls, see `GRPCError.origin`. */
  readonly origin?: "peer" | "client" | undefined;
  /** Set by the runtime: the path of the method, e.g. `/library.v1.LibraryService/GetBook`. */
  readonly method?: string | undefined;
  /** Set by the runtime: the address of the peer. */
  readonly peer?: string | undefined;
  /** Set by the runtime: the bytes of `grpc-status-details-bin` if they could not be decoded. */
  readonly corruptDetails?: Uint8Array | undefined;
  /** Set by the runtime: the errors of the attempts before this one, see `GRPCError.attempts`. */
  readonly attempts?: readonly Error[] | undefined;
  /** Set by the runtime on errors that a contract declares. */
  readonly declared?: Declared | undefined;
  /** Set by the runtime: finds the types of messages inside details, for `GRPCError.toJSON()`. */
  readonly findSchema?: FindDetailSchema | undefined;
}

/** What an error keeps besides its status, details and cause. */
export interface ErrorRecord extends Omit<GRPCErrorOptions, "cause"> {
  /** The message that the constructor got; `undefined` if it got none. */
  readonly givenMessage: string | undefined;
  /** The `message` of the new error. If it is different now, user code has changed it. */
  readonly initialMessage: string | undefined;
  /** Whether the error is the result of `relay()` or of a REST API: the contract of any method may recognise it. */
  readonly relayed?: boolean | undefined;
}

const recordKey = Symbol.for("@grpclib-ts/runtime/error");

/**
 * Attaches a record to a new error. It is not enumerable, because test runners
 * compare the enumerable properties of errors: an error that a test creates
 * equals a received one with the same status, message and details.
 */
export function attachRecord(error: Error, record: ErrorRecord): void {
  Object.defineProperty(error, recordKey, { value: record });
}

/** The record of an error; `undefined` for a prototype, which has none. */
export function recordOf(error: object): ErrorRecord | undefined {
  return (error as { readonly [recordKey]?: ErrorRecord })[recordKey];
}

/** Changes the record of an error. */
export function updateRecord(
  error: object,
  change: Pick<ErrorRecord, "declared"> | Pick<ErrorRecord, "relayed">,
): void {
  Object.assign(recordOf(error) ?? {}, change);
}

/** The status message of an error: the text that was assigned to its `message`, or else the given one. */
function statusMessageOf(error: object): string | undefined {
  const record = recordOf(error);
  const message = tryOrUndefined((): unknown => (error as Error).message);
  return message == null || message === record?.initialMessage ? record?.givenMessage : textOf(message);
}

/** The text of the `google.rpc.LocalizedMessage` of an error. */
function localizedMessageOf(error: object): string | undefined {
  const { details = [] } = error as { readonly details?: readonly Detail[] };
  return findDetail(details, LocalizedMessageSchema)?.message;
}

/** The properties that read the record, or the details. The enumerable ones are those that a log should show: pino lists them. */
const properties = {
  kind: { get: (error: object) => recordOf(error)?.declared?.kind, enumerable: true },
  origin: { get: (error: object) => recordOf(error)?.origin, enumerable: true },
  method: { get: (error: object) => recordOf(error)?.method, enumerable: true },
  peer: { get: (error: object) => recordOf(error)?.peer, enumerable: true },
  metadata: { get: (error: object) => recordOf(error)?.metadata, enumerable: true },
  attempts: { get: (error: object) => recordOf(error)?.attempts, enumerable: true },
  statusMessage: { get: statusMessageOf, enumerable: false },
  data: { get: (error: object) => recordOf(error)?.declared?.data, enumerable: false },
  declaredBy: { get: (error: object) => recordOf(error)?.declared?.declaredBy, enumerable: false },
  retryable: { get: (error: object) => recordOf(error)?.declared?.retryable ?? false, enumerable: false },
  localizedMessage: { get: localizedMessageOf, enumerable: false },
  corruptDetails: { get: (error: object) => recordOf(error)?.corruptDetails, enumerable: false },
};

/** Defines the properties that read the record. Assigning to one gives that error a property of its own. */
export function defineRecordProperties(prototype: object): void {
  for (const [key, { get, enumerable }] of Object.entries(properties)) {
    Object.defineProperty(prototype, key, {
      get(this: object) {
        return get(this);
      },
      set(this: object, value: unknown) {
        Object.defineProperty(this, key, { value, writable: true, enumerable: true, configurable: true });
      },
      enumerable,
      configurable: true,
    });
  }
}
