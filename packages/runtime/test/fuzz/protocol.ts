import type { Kind } from "../calls/kinds.js";

/** One call of a client that is attacked. */
export interface FuzzedCall {
  readonly kind: Kind;
  /** In milliseconds. */
  readonly timeout: number;
  /** Whether the client ends its requests, where there may be several. */
  readonly endsRequests: boolean;
}

/** What the fuzzer tells a victim. */
export type Order =
  /** Make these calls to a port, on a connection of their own. The answer is `done`. */
  | { readonly order: "calls"; readonly lane: number; readonly port: number; readonly calls: readonly FuzzedCall[] }
  /** Nothing is under way: collect garbage, and answer with `remains`. */
  | { readonly order: "remains" }
  /** Close everything. Nothing must be left that keeps the process alive. */
  | { readonly order: "close" };

/** What a victim tells the fuzzer. */
export type News =
  | { readonly news: "ready"; readonly port: number }
  | { readonly news: "done"; readonly lane: number; readonly hung: number }
  | { readonly news: "remains"; readonly remains: Remains };

/** What is there in a victim while nothing is under way. */
export interface Remains {
  /** Heap and buffers. */
  readonly MB: number;
  /** Handlers that have not ended. */
  readonly handlers: number;
  readonly sockets: number;
  readonly timers: number;
}
