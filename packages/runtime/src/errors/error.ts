import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { addBrand, hasBrand, isInstance } from "../core/brand.js";
import { setInspect } from "../core/inspect.js";
import type { Metadata } from "../core/metadata.js";
import { isFailure, Status } from "../core/status.js";
import { textOf } from "../core/text-of.js";
import { type Detail, findDetail } from "./detail.js";
import { errorToJson, showError } from "./error-view.js";

/** Which error of a contract a {@link GRPCError} is. */
export interface Declared {
  /** Name of the error in the contract. */
  readonly kind: string;
  /** Its typed payload. */
  readonly data: object;
  /** Path of the method whose contract it is. */
  readonly declaredBy: string;
}

/** What a {@link GRPCError} can carry besides status, message and details. */
export interface GRPCErrorOptions extends ErrorOptions {
  /** Trailing metadata: what a handler's error sends, or what came with a received one. */
  readonly metadata?: Metadata | undefined;
  /** Set by the runtime on errors of outgoing calls, see {@link GRPCError.origin}. */
  readonly origin?: "peer" | "client" | undefined;
  /** Set by the runtime: the path of the method, e.g. `/library.v1.LibraryService/GetBook`. */
  readonly method?: string | undefined;
  /** Set by the runtime: the address of the other side. */
  readonly peer?: string | undefined;
  /** Set by the runtime where `grpc-status-details-bin` could not be decoded: its bytes. */
  readonly corruptDetails?: Uint8Array | undefined;
  /** Set by the runtime on errors that a contract declares. */
  readonly declared?: Declared | undefined;
}

/**
 * The expected outcome of a call that did not succeed.
 *
 * A handler throws it to answer with a status, a message and typed details; a
 * caller catches it, whether the server sent the status or the call failed in a
 * way that a status describes (refused, lost, timed out, malformed response).
 */
export class GRPCError extends Error {
  /** Never `Status.OK`. */
  readonly status: Status;
  /** The status message; `undefined` where there is none (`message` then names the status). */
  readonly statusMessage: string | undefined;
  /** The typed details, in the order in which they were sent; `undefined` where there are none. */
  readonly details: readonly Detail[] | undefined;
  /** Trailing metadata, where known. */
  readonly metadata: Metadata | undefined;
  /**
   * `"peer"`: the server sent the status. `"client"`: the runtime made it for an
   * outgoing call that failed. `undefined`: user code made the error.
   */
  readonly origin: "peer" | "client" | undefined;
  /** Path of the method, where known. */
  readonly method: string | undefined;
  /** Address of the other side, where known. */
  readonly peer: string | undefined;
  /** The bytes of `grpc-status-details-bin` where they could not be decoded. */
  readonly corruptDetails: Uint8Array | undefined;
  /** Name of the error in the contract that declares it; `undefined` for an error that none does. */
  readonly kind: string | undefined;
  /** Typed payload of a declared error. */
  readonly data: object | undefined;
  /** Path of the method whose contract declares the error. */
  readonly declaredBy: string | undefined;

  /**
   * @param status any status but OK
   * @param message for people; it is sent to the caller
   * @param details typed details for programs: `detail(schema, init)`, messages of a
   *   registered type, or details of a received error
   * @throws TypeError if `status` is `Status.OK` or none of the statuses
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

  /** The first detail of a type. It need not be registered. */
  detail<Desc extends DescMessage>(schema: Desc): MessageShape<Desc> | undefined {
    return findDetail(this.details ?? [], schema);
  }

  /**
   * The error to throw from a handler that passes the outcome of another call on
   * to its own caller: status, message and details, which do not leak otherwise.
   */
  relay(): GRPCError {
    return new GRPCError(this.status, this.statusMessage, this.details, { cause: this });
  }

  /** The error for logs: everything but the stack. */
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
