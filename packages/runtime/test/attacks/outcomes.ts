/** An error as a victim saw it. */
export interface SeenError {
  readonly name: string;
  /** The gRPC status of a GRPCError, the HTTP/2 error code of a StreamTerminatedError. */
  readonly code: number | undefined;
}

/** The outcome of the handlers of one conversation. */
export interface HandlerOutcome {
  started: number;
  ended: number;
  /** How often the requests ended regularly. */
  requestsEnded: number;
  /** The reasons of the signals that had been aborted when their handlers ended. */
  readonly reasons: SeenError[];
}

/** The summary that a server prints when it has closed. */
export interface ServerSummary {
  /** By the name of the conversation. */
  readonly conversations: Readonly<Record<string, HandlerOutcome>>;
  /** The time it took to close, in milliseconds. */
  readonly closeMs: number;
  /** The errors that the server reported to `onError`. */
  readonly reports: readonly string[];
  /** The resources that kept the process alive, except its standard streams. */
  readonly resources: readonly string[];
}

/** The outcome of an outgoing call. The status is `"hung"` if it did not end. */
export interface CallOutcome {
  readonly status: number | "hung";
  /** The cause of its error. */
  readonly cause?: SeenError | undefined;
  /** The number of messages received. */
  readonly messages: number;
}

/** The summary that a client prints when it has made its calls and closed its channels. */
export interface ClientSummary {
  /** By the number of the call. */
  readonly calls: readonly CallOutcome[];
  /** The number of good calls in between that succeeded. */
  readonly goodCalls: number;
  /** The resources that kept the process alive, except its standard streams. */
  readonly resources: readonly string[];
}

/** An error in the form in which it is printed. */
export function seenError(error: unknown): SeenError | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = "status" in error ? error.status : "code" in error ? error.code : undefined;
  return { name: error.name, code: typeof code === "number" ? code : undefined };
}

/** The resources that keep this process alive, except its standard streams. */
export function openResources(): string[] {
  return process.getActiveResourcesInfo().filter((name) => /^TCP|^TLS|^HTTP2|Timeout|Immediate/i.test(name));
}
