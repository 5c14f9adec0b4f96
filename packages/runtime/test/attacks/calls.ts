import type { Kind } from "../calls/kinds.js";
import { type Ending, endings } from "./endings.js";
import { type ResponsePrefix, responsePrefixes } from "./responses.js";

/** How the attacked client makes a call. Sent to the victim. */
export interface CallPlan {
  readonly kind: Kind;
  /** Whether the client ends its requests, if it streams them. */
  readonly requests: "ended" | "open";
  /** Whether the client reads responses as they arrive, or only after the server has ended the call. */
  readonly responses: "read" | "unread";
}

/** An attack of a server on a client: it begins a response, then resets the call or disconnects. */
export interface AttackedCall extends CallPlan {
  readonly name: string;
  readonly prefix: ResponsePrefix;
  readonly ending: Ending;
  /** Whether the ending is sent after the client has read everything else, rather than together with it. */
  readonly later: boolean;
}

/** Calls of one kind, made in one way, that a server ends at every point in every way. */
export function callsOf(plan: CallPlan): AttackedCall[] {
  return responsePrefixes.flatMap((prefix) =>
    endings.flatMap((ending) =>
      ending.later.map((later) => ({
        ...plan,
        ...{ prefix, ending, later },
        name: `requests ${plan.requests}, responses ${plan.responses}: ${prefix.name}, ${later ? "then" : "with"} ${ending.name}`,
      })),
    ),
  );
}

/** The ways in which a client makes calls of a kind. */
export const plans: Readonly<Record<Kind, readonly CallPlan[]>> = {
  unary: [{ kind: "unary", requests: "ended", responses: "read" }],
  serverStream: [
    { kind: "serverStream", requests: "ended", responses: "read" },
    { kind: "serverStream", requests: "ended", responses: "unread" },
  ],
  clientStream: [
    { kind: "clientStream", requests: "ended", responses: "read" },
    { kind: "clientStream", requests: "open", responses: "read" },
  ],
  bidi: [
    { kind: "bidi", requests: "ended", responses: "read" },
    { kind: "bidi", requests: "open", responses: "unread" },
  ],
};
