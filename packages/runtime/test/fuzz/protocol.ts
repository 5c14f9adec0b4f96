import type { Kind } from "../calls/kinds.js";

/** One call of an attacked client. */
export interface FuzzedCall {
  readonly kind: Kind;
  /** In milliseconds. */
  readonly timeout: number;
  /** Whether the client ends its requests, if it streams them. */
  readonly endsRequests: boolean;
}

/** A message from the fuzzer to a victim. */
export type Order =
  /** Make these calls to a port, on a new connection, and answer with `done`. */
  | { readonly order: "calls"; readonly lane: number; readonly port: number; readonly calls: readonly FuzzedCall[] }
  /** Nothing is in flight: collect garbage, and answer with `remains`. */
  | { readonly order: "remains" }
  /** Close everything. After that, nothing may keep the process alive. */
  | { readonly order: "close" };

/** A message from a victim to the fuzzer. */
export type News =
  | { readonly news: "ready"; readonly port: number }
  | { readonly news: "done"; readonly lane: number; readonly hung: number }
  | { readonly news: "remains"; readonly remains: Remains };

/** The resources of a victim while nothing is in flight. */
export interface Remains {
  /** The memory of heap and buffers. */
  readonly MB: number;
  /** Handlers that have not ended. */
  readonly handlers: number;
  readonly sockets: number;
  readonly timers: number;
}
