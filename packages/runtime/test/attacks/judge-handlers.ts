import type { Conversation } from "./attack.js";
import type { HandlerOutcome, SeenError, ServerSummary } from "./outcomes.js";

const nothing: HandlerOutcome = { started: 0, ended: 0, requestsEnded: 0, reasons: [] };

/** What went wrong in a server's conversations: each with what its handlers saw. */
export function problemsOf(summary: ServerSummary, conversations: readonly Conversation[]): string[] {
  return conversations.flatMap((conversation) => {
    const outcome = summary.conversations[conversation.name] ?? nothing;
    return rules
      .filter(({ holds }) => !holds(outcome, conversation))
      .map(({ rule }) => `${conversation.name}: ${rule}. Seen: ${JSON.stringify(outcome)}`);
  });
}

/** What holds for every conversation, whatever it is. */
const rules: readonly {
  readonly rule: string;
  readonly holds: (outcome: HandlerOutcome, conversation: Conversation) => boolean;
}[] = [
  {
    rule: "a handler runs once for each call that has what it needs to start",
    holds: ({ started }, { kind, prefix, later, calls = 1 }) => {
      const single = kind === "unary" || kind === "serverStream";
      const startable = !single || (prefix.endStream && prefix.messages === 1 && !prefix.torn);
      if (!startable) return started === 0;
      // What comes with its reset may be dropped unseen, and of many calls at once some are reset before their turn.
      return later && (!single || calls === 1) ? started === calls : started <= calls;
    },
  },
  {
    rule: "each handler that was started has ended",
    holds: ({ started, ended }) => ended === started,
  },
  {
    rule: "the requests end regularly only where the client has ended them",
    holds: ({ requestsEnded }, { prefix }) => requestsEnded === 0 || (prefix.endStream && !prefix.torn),
  },
  {
    rule: "the signal of a handler that could not end by itself is aborted",
    holds: ({ started, reasons }, conversation) => !endsByAbortion(conversation) || reasons.length === started,
  },
  {
    rule: "the reason is that the client has left, and how",
    holds: ({ reasons }, conversation) => reasons.every((reason) => isReason(reason, conversation)),
  },
];

function endsByAbortion({ kind, state, prefix }: Conversation): boolean {
  if (state === "waits" || state === "streams") return true;
  const readsOn = kind === "clientStream" || kind === "bidi";
  return readsOn && (state === "reads" || state === "echoes") && (!prefix.endStream || prefix.torn);
}

function isReason({ name, code }: SeenError, { prefix, ending }: Conversation): boolean {
  // Requests that end within a message cannot be read: INTERNAL.
  if (name === "GRPCError" && code === 13) return prefix.torn && prefix.endStream;
  return name === "StreamTerminatedError" && code === ending.resetCode;
}
