import { definedOnly } from "../core/defined-only.js";
import { Status } from "../core/status.js";
import { messageOf, textOf } from "../core/text-of.js";
import { tryOrUndefined } from "../core/try-or-undefined.js";
import type { Detail } from "./detail.js";
import { detailToJson } from "./detail-json.js";
import { schemasOf } from "./detail-registry.js";
import { GRPCError } from "./error.js";
import { type Declared, recordOf } from "./error-record.js";
import type { ErrorJson, OutcomeJson } from "./log-shape.js";

/** How a call ended, as interceptors see it. */
export interface CallOutcome {
  /** The status of the call. */
  readonly status: Status;
  /** The status message; `undefined` if there is none. */
  readonly message: string | undefined;
  /** The details of an error. */
  readonly details: readonly Detail[];
  /**
   * Which side ended the call. `"client"`: the caller cancelled it, its deadline
   * passed there, or no status of the server arrived. `"server"`: the server ended
   * the call with this status. On a server, that includes a call that ends at its deadline.
   */
  readonly endedBy: "client" | "server";
  /** On the client, the error that the call failed with. On the server, what the handler threw or why it was cancelled. */
  readonly error?: unknown;
  /** The error of the contract of the method, if the caller recognises this outcome as one. */
  readonly declared?: Declared | undefined;
  /**
   * The outcome as JSON, for logs: the status by its name, the details, and what the
   * error says besides, as {@link GRPCError.toJSON} does. Never throws.
   */
  toJSON(): OutcomeJson;
}

/** The result of `call.outcome`. */
export class KnownOutcome implements CallOutcome {
  declare readonly status: Status;
  declare readonly message: string | undefined;
  declare readonly details: readonly Detail[];
  declare readonly endedBy: "client" | "server";
  declare readonly error: unknown;
  readonly #own: unknown;
  readonly #declared: (() => Declared | undefined) | undefined;

  /**
   * @param own the error that has this outcome, if it is one of this call. JSON shows another one as the cause
   * @param declared finds the declared error when someone asks for it
   */
  constructor(outcome: Omit<CallOutcome, "toJSON">, own?: unknown, declared?: () => Declared | undefined) {
    Object.assign(this, outcome);
    this.#own = own;
    this.#declared = declared;
  }

  get declared(): Declared | undefined {
    return tryOrUndefined(() => this.#declared?.());
  }

  toJSON(): OutcomeJson {
    const { status, endedBy } = this;
    const own = tryOrUndefined(() => (isErrorWith(this.#own, status) ? this.#own : undefined));
    // The interceptor knows the method and the peer.
    const { name, method, peer, origin, message, details, ...shown } =
      tryOrUndefined(() => own?.toJSON()) ?? this.#cause();
    const findSchema = (own && recordOf(own)?.findSchema) ?? schemasOf(undefined);
    const shownDetails = tryOrUndefined(() => this.details.map((detail) => detailToJson(detail, findSchema)));
    return definedOnly({
      status: Status[status],
      message: this.message && textOf(this.message),
      details: shownDetails?.length === 0 ? undefined : shownDetails,
      ...shown,
      endedBy,
    }) as OutcomeJson;
  }

  /** The error, unless it only says what the outcome says. */
  #cause(): Partial<ErrorJson> {
    const { error, message } = this;
    return error === undefined || messageOf(error) === message ? {} : { cause: textOf(error) };
  }
}

function isErrorWith(error: unknown, status: Status): error is GRPCError {
  return error instanceof GRPCError && error.status === status;
}
