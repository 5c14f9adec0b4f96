import type { JsonObject } from "@bufbuild/protobuf";
import type { Status } from "../core/status.js";

/** What JSON says about how a call ended, for logs: what errors and outcomes have in common. */
interface EndJson {
  /** The name of the status. */
  readonly status: keyof typeof Status;
  /** The status message; left out if there is none. */
  readonly message?: string;
  /** The details in the JSON form of `google.protobuf.Any`, with their type as `@type`; left out if there are none. */
  readonly details?: readonly JsonObject[];
  /** The name of the error in the contract that declares it. */
  readonly kind?: string;
  /** The path of the method whose contract declares the error, or the full name of a shared error. */
  readonly declaredBy?: string;
  /** True if the contract declares the error as retryable; left out otherwise. */
  readonly retryable?: boolean;
  /** The trailing metadata, masked as `maskMetadata()` says; left out if it is empty. */
  readonly metadata?: Readonly<Record<string, readonly string[]>>;
  /** The underlying error on this side, as text. */
  readonly cause?: string;
  /** The errors of earlier attempts. */
  readonly attempts?: readonly ErrorJson[];
  /** The bytes of `grpc-status-details-bin`, in base64, if they could not be decoded. */
  readonly corruptDetails?: string;
}

/** The result of `GRPCError.toJSON()`. What is not known is left out. */
export interface ErrorJson extends EndJson {
  /** The name of the error's class. */
  readonly name: string;
  /** The path of the method. */
  readonly method?: string;
  /** The address of the peer. */
  readonly peer?: string;
  /** Who chose the status of an outgoing call: the server (`"peer"`), or this side. */
  readonly origin?: "peer" | "client";
}

/** The result of `CallOutcome.toJSON()`. What is not known is left out. */
export interface OutcomeJson extends EndJson {
  /** Which side ended the call. */
  readonly endedBy: "client" | "server";
}
