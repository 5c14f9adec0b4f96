import type { Kind } from "../calls/kinds.js";
import { type Ending, endings } from "./endings.js";
import { type ResponsePrefix, responsePrefixes } from "./responses.js";

/** How a client makes a call, for a victim to be told. */
export interface CallPlan {
  readonly kind: Kind;
  /** Whether the client ends its requests, where there may be several. */
  readonly requests: "ended" | "open";
  /** Whether the client reads the responses as they come, or only when the server has left. */
  readonly responses: "read" | "unread";
}

/** How a server attacks a client: it begins to answer a call, and leaves. */
export interface AttackedCall extends CallPlan {
  readonly name: string;
  readonly prefix: ResponsePrefix;
  readonly ending: Ending;
  /** Whether the end waits until the client has read the rest, or goes out with it. */
  readonly later: boolean;
}

/** Calls of one kind, made in one way, which a server leaves at every point in every way. */
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
