import * as checkNumber from "../core/check-number.js";
import { textOf } from "../core/text-of.js";
import { ResetCode } from "../wire/reset-code.js";

/** The name of an error code of HTTP/2, as RST_STREAM has it. */
export type ResetCodeName = keyof typeof ResetCode;

/** What goes wrong with a call, made by {@link after}, {@link delay}, {@link dropTrailers} or {@link malformedDetails}. */
export class Fault {
  /** @internal */
  readonly effect: FaultEffect;

  /** @internal */
  constructor(effect: FaultEffect) {
    this.effect = effect;
  }
}

export type FaultEffect =
  | { readonly kind: "after"; readonly messages: number; readonly event: FaultEvent }
  | { readonly kind: "delay"; readonly milliseconds: number }
  | { readonly kind: "drop trailers" }
  | { readonly kind: "malformed details" };

/** What happens once the client has a number of messages. */
export type FaultEvent =
  | { readonly kind: "reset"; readonly code: ResetCode }
  | { readonly kind: "go away" | "stall" | "disconnect" };

/** What can happen in the middle of a call. See {@link after}. */
export interface FaultsInTheMiddle {
  /** The stream is reset in both directions, as by a proxy: for the client with this code, for the server with CANCEL. */
  reset(code: ResetCodeName): Fault;
  /**
   * The client gets a GOAWAY without an error: the connection takes no more calls, and
   * those in flight finish. After 0 messages, the call itself is not processed either,
   * so the channel repeats it.
   */
  goAway(): Fault;
  /** The client gets nothing more of the call, until its deadline passes or it cancels. */
  stall(): Fault;
  /** The connection is lost. */
  disconnect(): Fault;
}

/**
 * Something goes wrong once the client has this number of responses of a call. With
 * 0, that is when the call starts.
 *
 * @throws TypeError if it is not a whole number
 */
export function after(messages: number): FaultsInTheMiddle {
  if (!Number.isSafeInteger(messages) || messages < 0) {
    throw new TypeError(`after() takes a number of messages, 0 or more, got ${textOf(messages)}`);
  }
  const fault = (event: FaultEvent): Fault => new Fault({ kind: "after", messages, event });
  return {
    reset(name) {
      const code: unknown = ResetCode[name];
      if (typeof code === "number") return fault({ kind: "reset", code });
      throw new TypeError(`reset() takes the name of an error code, such as "CANCEL", got ${textOf(name)}`);
    },
    goAway: () => fault({ kind: "go away" }),
    stall: () => fault({ kind: "stall" }),
    disconnect: () => fault({ kind: "disconnect" }),
  };
}

/** All that the server sends in a call arrives later. @throws TypeError if it is not a number of milliseconds */
export function delay(milliseconds: number): Fault {
  return new Fault({ kind: "delay", milliseconds: checkNumber.milliseconds("delay()", milliseconds) });
}

/** The response ends without trailers, and thus without a status. */
export function dropTrailers(): Fault {
  return new Fault({ kind: "drop trailers" });
}

/** The details of the error, if the call fails, cannot be decoded. */
export function malformedDetails(): Fault {
  return new Fault({ kind: "malformed details" });
}
