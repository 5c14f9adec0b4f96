import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { addBrand, hasBrand, isInstance } from "../core/brand.js";
import { setInspect } from "../core/inspect.js";
import type { Metadata } from "../core/metadata.js";
import { isFailure, Status } from "../core/status.js";
import { textOf } from "../core/text-of.js";
import { type Detail, findDetail } from "./detail.js";
import { errorToJson, showError } from "./error-view.js";

/** Identifies a {@link GRPCError} as an error that a contract declares. */
export interface Declared {
  /** Name of the error in the contract. */
  readonly kind: string;
  /** Its typed payload. */
  readonly data: object;
  /** Path of the method whose contract declares the error. */
  readonly declaredBy: string;
}

/** What a {@link GRPCError} can carry in addition to status, message and details. */
export interface GRPCErrorOptions extends ErrorOptions {
  /** Trailing metadata: sent with an error that a handler throws, or received with the status. */
  readonly metadata?: Metadata | undefined;
  /** Set by the runtime on errors of outgoing calls, see {@link GRPCError.origin}. */
  readonly origin?: "peer" | "client" | undefined;
  /** Set by the runtime: the path of the method, e.g. `/library.v1.LibraryService/GetBook`. */
  readonly method?: string | undefined;
  /** Set by the runtime: the address of the peer. */
  readonly peer?: string | undefined;
  /** Set by the runtime: the bytes of `grpc-status-details-bin` if they could not be decoded. */
  readonly corruptDetails?: Uint8Array | undefined;
  /** Set by the runtime on errors that a contract declares. */
  readonly declared?: Declared | undefined;
}

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
  /** The status message; `undefined` if there is none. `message` is then the name of the status. */
  readonly statusMessage: string | undefined;
  /** The typed details, in the order in which they were sent; `undefined` if there are none. */
  readonly details: readonly Detail[] | undefined;
  /** Trailing metadata, if known. */
  readonly metadata: Metadata | undefined;
  /**
   * `"peer"`: the server sent the status. `"client"`: an outgoing call failed
   * without a status from the server, and the runtime chose one. `undefined`:
   * user code created the error.
   */
  readonly origin: "peer" | "client" | undefined;
  /** Path of the method, if known. */
  readonly method: string | undefined;
  /** Address of the peer, if known. */
  readonly peer: string | undefined;
  /** The bytes of `grpc-status-details-bin` if they could not be decoded. */
  readonly corruptDetails: Uint8Array | undefined;
  /** Name of the error in the contract that declares it; `undefined` if no contract does. */
  readonly kind: string | undefined;
  /** Typed payload of a declared error. */
  readonly data: object | undefined;
  /** Path of the method whose contract declares the error. */
  readonly declaredBy: string | undefined;

  /**
   * @param status any status but OK
   * @param message text for people, which the caller receives. Default: none
   * @param details typed details for programs: `detail(schema, init)`, messages of a
   *   registered type, or details of a received error
   * @throws TypeError if `status` is `Status.OK` or not a status
   */
  constructor(status: Status, message?: string, details?: readonly Detail[], options: GRPCErrorOptions = {}) {
    super(message ?? Status[status], "cause" in options ? { cause: options.cause } : undefined);
    if (!isFailure(status)) {
      throw new TypeError(`A GRPCError needs a status other than OK, got ${textOf(status)}`);
    }
    this.status = status;
    this.statusMessage = message;
    this.details = details;
    this.metadata = options.metadata;
    this.origin = options.origin;
    this.method = options.method;
    this.peer = options.peer;
    this.corruptDetails = options.corruptDetails;
    this.kind = options.declared?.kind;
    this.data = options.declared?.data;
    this.declaredBy = options.declared?.declaredBy;
  }

  /** The first detail of a type, which need not be registered; `undefined` if there is none. */
  detail<Desc extends DescMessage>(schema: Desc): MessageShape<Desc> | undefined {
    return findDetail(this.details ?? [], schema);
  }

  /**
   * Creates the error with which a handler passes the outcome of another call on
   * to its own caller. It has the same status, message and details, and this
   * error as its cause. If a handler throws this error itself, its caller gets
   * UNKNOWN, unless the server has the option `relayErrors`. Whether it is a declared
   * error is up to the contract of the method that relays it: ask its `errors.is()`.
   */
  relay(): GRPCError {
    return new GRPCError(this.status, this.statusMessage, this.details, { cause: this });
  }

  /** The error as JSON for logs, without the stack. */
  toJSON(): object {
    return errorToJson(this);
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return this === GRPCError ? hasBrand(value, brand) : isInstance(value, this);
  }
}

/** An error that the contract of its method does not declare. */
export interface UndeclaredError extends GRPCError {
  readonly kind: undefined;
  readonly data: undefined;
}

const brand = addBrand(GRPCError, "GRPCError");
setInspect(GRPCError, showError);
