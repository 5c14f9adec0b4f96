import type { Conversation } from "./attack.js";
import type { HandlerOutcome, SeenError, ServerSummary } from "./outcomes.js";

const nothing: HandlerOutcome = { started: 0, ended: 0, requestsEnded: 0, reasons: [] };

/** The violated rules of a server's conversations, each with the outcome that its handlers saw. */
export function problemsOf(summary: ServerSummary, conversations: readonly Conversation[]): string[] {
  return conversations.flatMap((conversation) => {
    const outcome = summary.conversations[conversation.name] ?? nothing;
    return rules
      .filter(({ holds }) => !holds(outcome, conversation))
      .map(({ rule }) => `${conversation.name}: ${rule}. Seen: ${JSON.stringify(outcome)}`);
  });
}

/** The rules for every conversation. */
const rules: readonly {
  readonly rule: string;
  readonly holds: (outcome: HandlerOutcome, conversation: Conversation) => boolean;
}[] = [
  {
    rule: "a handler runs once for each call that can start",
    holds: ({ started }, { kind, prefix, later, calls = 1 }) => {
      const single = kind === "unary" || kind === "serverStream";
      const startable = !single || (prefix.endStream && prefix.messages === 1 && !prefix.endedInMessage);
      if (!startable) return started === 0;
      // Node may drop a call that arrives together with its reset, and of many calls some are reset before they start.
      return later && (!single || calls === 1) ? started === calls : started <= calls;
    },
  },
  {
    rule: "each handler that was started has ended",
    holds: ({ started, ended }) => ended === started,
  },
  {
    rule: "the requests end regularly only if the client has ended them",
    holds: ({ requestsEnded }, { prefix }) => requestsEnded === 0 || (prefix.endStream && !prefix.endedInMessage),
  },
  {
    rule: "the signal of a handler that could not end by itself is aborted",
    holds: ({ started, reasons }, conversation) => !endsByAbortion(conversation) || reasons.length === started,
  },
  {
    rule: "the reason says how the client ended the call",
    holds: ({ reasons }, conversation) => reasons.every((reason) => isReason(reason, conversation)),
  },
];

function endsByAbortion({ kind, state, prefix }: Conversation): boolean {
  if (state === "waits" || state === "streams") return true;
  const readsOn = kind === "clientStream" || kind === "bidi";
  return readsOn && (state === "reads" || state === "echoes") && (!prefix.endStream || prefix.endedInMessage);
}

function isReason({ name, code }: SeenError, { prefix, ending }: Conversation): boolean {
  // Requests that end within a message fail the call with INTERNAL.
  if (name === "GRPCError" && code === 13) return prefix.endedInMessage && prefix.endStream;
  return name === "StreamTerminatedError" && code === ending.resetCode;
}
