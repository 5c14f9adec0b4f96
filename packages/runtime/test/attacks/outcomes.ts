/** What a victim saw of one error. */
export interface SeenError {
  readonly name: string;
  /** The gRPC status of a GRPCError, the HTTP/2 error code of a StreamTerminatedError. */
  readonly code: number | undefined;
}

/** What the handlers of one conversation saw. */
export interface HandlerOutcome {
  started: number;
  ended: number;
  /** How often the requests ended regularly. */
  requestsEnded: number;
  /** The reasons of the signals that had been aborted when their handlers ended. */
  readonly reasons: SeenError[];
}

/** What a server prints when it has closed. */
export interface ServerSummary {
  /** By the names of the conversations. */
  readonly conversations: Readonly<Record<string, HandlerOutcome>>;
  /** How long it took to close. */
  readonly closeMs: number;
  /** What the server reported through `onError`. */
  readonly reports: readonly string[];
  /** What kept the process alive, besides its standard streams. */
  readonly resources: readonly string[];
}

/** What became of one outgoing call; `"hung"` if nothing did. */
export interface CallOutcome {
  readonly status: number | "hung";
  /** The cause of its error. */
  readonly cause?: SeenError | undefined;
  /** How many messages arrived. */
  readonly messages: number;
}

/** What a client prints when it has made its calls and closed its channels. */
export interface ClientSummary {
  /** By the numbers of the conversations. */
  readonly calls: readonly CallOutcome[];
  /** How many of the good calls between them succeeded. */
  readonly goodCalls: number;
  /** What kept the process alive, besides its standard streams. */
  readonly resources: readonly string[];
}

/** An error as it is printed. */
export function seenError(error: unknown): SeenError | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = "status" in error ? error.status : "code" in error ? error.code : undefined;
  return { name: error.name, code: typeof code === "number" ? code : undefined };
}

/** What keeps this process alive, besides its standard streams. */
export function openResources(): string[] {
  return process.getActiveResourcesInfo().filter((name) => /^TCP|^TLS|^HTTP2|Timeout|Immediate/i.test(name));
}
