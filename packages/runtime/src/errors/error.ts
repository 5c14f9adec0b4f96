import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { addBrand, hasBrand, isInstance } from "../core/brand.js";
import { setInspect } from "../core/inspect.js";
import type { Metadata } from "../core/metadata.js";
import { isFailure, Status } from "../core/status.js";
import { textOf } from "../core/text-of.js";
import { type Detail, detailsOf, findDetail } from "./detail.js";
import type { DetailRegistry } from "./detail-registry.js";
import { errorToJson, readErrorJson } from "./error-json.js";
import { attachRecord, defineRecordProperties, type GRPCErrorOptions, recordOf, updateRecord } from "./error-record.js";
import { showError } from "./error-view.js";
import type { ErrorJson } from "./log-shape.js";

/**
 * The outcome of a call that did not succeed.
 *
 * A handler throws it to end the call with a status, a message and typed details.
 * A caller catches it, whether the server sent the status or the runtime chose it
 * because the call failed (connection refused or lost, timeout, malformed response).
 */
export class GRPCError extends Error {
  /** Never `Status.OK`. */
  readonly status: Status;
  /** The typed details, in the order in which they were sent; `undefined` if there are none. */
  declare readonly details: readonly Detail[] | undefined;

  // These read the record of the error, see error-record.ts.

  /**
   * The status message; `undefined` if there is none. `message` is then the name
   * of the status. Follows changes of `message`.
   */
  declare readonly statusMessage: string | undefined;
  /**
   * The message in a language of the caller, for people: the text of the
   * `google.rpc.LocalizedMessage` in `details`; `undefined` if there is none.
   */
  declare readonly localizedMessage: string | undefined;
  /** Trailing metadata, if known. */
  declare readonly metadata: Metadata | undefined;
  /**
   * `"peer"`: the server sent the status. `"client"`: an outgoing call failed
   * without a status from the server, and the runtime chose one. `undefined`:
   * user code created the error.
   */
  declare readonly origin: "peer" | "client" | undefined;
  /** Path of the method, if known. */
  declare readonly method: string | undefined;
  /** Address of the peer, if known. */
  declare readonly peer: string | undefined;
  /**
   * The errors of the attempts before the one that failed with this error, or that
   * the deadline or the caller ended, in order; `undefined` if there was one
   * attempt. See `retry()`.
   */
  declare readonly attempts: readonly GRPCError[] | undefined;
  /** The bytes of `grpc-status-details-bin` if they could not be decoded. */
  declare readonly corruptDetails: Uint8Array | undefined;
  /** Name of the error in the contract that declares it; `undefined` if no contract does. */
  declare readonly kind: string | undefined;
  /** Typed payload of a declared error. */
  declare readonly data: object | undefined;
  /** Path of the method whose contract declares the error, or the full name of a shared error. */
  declare readonly declaredBy: string | undefined;
  /**
   * Whether the contract says that the same request may be sent again, because the
   * server has done nothing. False if no contract declares the error.
   */
  declare readonly retryable: boolean;

  /**
   * @param status any status but OK
   * @param message text for people, which the caller receives. Default: none
   * @param details typed details for programs: `detail(schema, init)`, messages of a
   *   registered type, or details of a received error
   * @throws TypeError if `status` is `Status.OK` or not a status
   */
  constructor(status: Status, message?: string, details?: readonly Detail[], options: GRPCErrorOptions = {}) {
    const text = message ?? Status[status];
    super(text, "cause" in options ? { cause: options.cause } : undefined);
    if (!isFailure(status)) {
      throw new TypeError(`A GRPCError needs a status other than OK, got ${textOf(status)}`);
    }
    this.status = status;
    // Not set to undefined: Node prints all properties of an uncaught error.
    if (details !== undefined) this.details = details;
    attachRecord(this, {
      givenMessage: message,
      initialMessage: text,
      metadata: options.metadata,
      origin: options.origin,
      method: options.method,
      peer: options.peer,
      attempts: options.attempts,
      corruptDetails: options.corruptDetails,
      declared: options.declared,
      findSchema: options.findSchema,
    });
  }

  /** The first detail of a type, which need not be registered; `undefined` if there is none. */
  detail<Desc extends DescMessage>(schema: Desc): MessageShape<Desc> | undefined {
    // Stryker disable next-line ArrayDeclaration: an item that is not a message would not be found
    return findDetail(this.details ?? [], schema);
  }

  /** All details of a type, which need not be registered, in their order. */
  detailsOf<Desc extends DescMessage>(schema: Desc): MessageShape<Desc>[] {
    return [...detailsOf(this.details ?? [], schema)];
  }

  /**
   * Creates the error with which a handler passes the outcome of another call on
   * to its own caller. It has the same status, message and details, and this
   * error as its cause. If a handler throws this error itself, its caller gets
   * UNKNOWN, unless the server has the option `relayErrors`. Whether it is a declared
   * error is up to the contract of the method that relays it: ask its `errors.is()`.
   */
  relay(): GRPCError {
    const findSchema = recordOf(this)?.findSchema;
    const relayed = new GRPCError(this.status, this.statusMessage, this.details, { cause: this, findSchema });
    updateRecord(relayed, { relayed: true });
    return relayed;
  }

  /**
   * The error as JSON, for logs, other threads and queues: everything but the
   * stack. The cause is converted to text. Metadata that holds secrets is masked, and
   * values of more than 64 bytes are shortened, see `maskMetadata()`.
   */
  toJSON(): ErrorJson {
    return errorToJson(this, recordOf(this)?.findSchema);
  }

  /**
   * Restores an error from the result of {@link GRPCError.toJSON}, or from that
   * result after `JSON.stringify()` and `JSON.parse()`. The cause is a text, and
   * the stack is new. The error gets its `data` when `is()` of the contract that
   * declares it recognises it. Values of metadata that were masked or shortened are
   * left out.
   *
   * @param json the value, not its text
   * @param registry the types to decode details to. Default: the default registry.
   *   A detail of another type becomes an {@link Unknown}
   * @throws TypeError if the value does not have the form of an error, or has attempts of attempts more than 32 levels
   *   deep. Details that cannot be decoded do not cause this
   */
  static fromJSON(json: unknown, registry?: DetailRegistry): GRPCError {
    const { name, args } = readError(json, registry, 0);
    // Here, so that the first line of the stack is this function.
    return withName(new GRPCError(...args), name);
  }

  /** @internal */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return this === GRPCError ? hasBrand(value, brand) : isInstance(value, this);
  }
}

/** @param level how many errors contain this one among their attempts */
function readError(json: unknown, registry: DetailRegistry | undefined, level: number) {
  const { name, status, message, details, attempts, options } = readErrorJson(json, registry, level);
  const restored = attempts?.map((attempt) => {
    const { name, args } = readError(attempt, registry, level + 1);
    return withName(new GRPCError(...args), name);
  });
  const args: ConstructorParameters<typeof GRPCError> = [status, message, details, { ...options, attempts: restored }];
  return { name, args };
}

/** Gives a restored error its name, if that is another one. */
function withName(error: GRPCError, name: string | undefined): GRPCError {
  if (name !== undefined && name !== error.name) {
    Object.defineProperty(error, "name", { value: name, writable: true, configurable: true });
  }
  return error;
}

/** An error that the contract of its method does not declare. */
export interface UndeclaredError extends GRPCError {
  readonly kind: undefined;
  readonly data: undefined;
  readonly retryable: false;
}

const brand = addBrand(GRPCError, "GRPCError");
defineRecordProperties(GRPCError.prototype);
// So that `"details" in error` does not depend on whether there are any.
Object.defineProperty(GRPCError.prototype, "details", { value: undefined, writable: true, configurable: true });
setInspect(GRPCError, showError);
