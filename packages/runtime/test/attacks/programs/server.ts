// A server to be attacked. It prints its port, serves until its standard input ends, closes, and prints the outcomes
// of its handlers. It does not handle uncaught errors, so its exit code tells whether it survived. It does not call
// exit(), so it ends only if no resource is left behind.
import { setTimeout as sleep } from "node:timers/promises";
import type { ServerContext } from "../../../src/index.js";
import { Server } from "../../../src/node.js";
import { TestServiceBase } from "../../gen/test/v1/test_grpclib.js";
import type { TestRequest } from "../../gen/test/v1/test_pb.js";
import { handle, only } from "../handlers.js";
import { type HandlerOutcome, openResources, type ServerSummary, seenError } from "../outcomes.js";

/** How long the good call after a conversation waits for the conversation's handlers to end. */
const PATIENCE_MS = 1000;
/** The grace period for calls when the server closes. */
const GRACE_MS = 4000;

const conversations: Record<string, HandlerOutcome> = {};
const reports: string[] = [];
/** Runs when a handler of a conversation ends. */
const onEnded = new Map<string, () => void>();

function outcomeOf(name: string): HandlerOutcome {
  conversations[name] ??= { started: 0, ended: 0, requestsEnded: 0, reasons: [] };
  return conversations[name];
}

function conversationOf({ metadata }: ServerContext): string {
  return String(metadata.get("conversation"));
}

/** Runs the work of a handler, and records its outcome. */
async function* record<T>(context: ServerContext, work: AsyncIterable<T>): AsyncGenerator<T> {
  const outcome = outcomeOf(conversationOf(context));
  outcome.started += 1;
  const { signal } = context;
  try {
    yield* work;
  } finally {
    outcome.ended += 1;
    const reason = seenError(signal.reason);
    if (signal.aborted && reason !== undefined) outcome.reasons.push(reason);
    onEnded.get(conversationOf(context))?.();
  }
}

function work(context: ServerContext, requests?: AsyncIterable<TestRequest>): AsyncIterable<{ text?: string }> {
  return handle(context, requests, () => {
    outcomeOf(conversationOf(context)).requestsEnded += 1;
  });
}

/** The good call after a conversation. It waits until the conversation's handlers have ended. */
async function wait(name: string): Promise<object> {
  const outcome = outcomeOf(name);
  const patience = new AbortController();
  const ended = new Promise<void>((resolve) => {
    const check = () => outcome.ended === outcome.started && resolve();
    onEnded.set(name, check);
    check();
  });
  await Promise.race([ended, sleep(PATIENCE_MS, undefined, { signal: patience.signal }).catch(() => {})]);
  patience.abort();
  return { text: "good" };
}

const service = TestServiceBase.of({
  unary: ({ text }, context) => (text === "" ? only(record(context, work(context))) : wait(text)),
  serverStream: (_request, context) => record(context, work(context)),
  clientStream: (requests, context) => only(record(context, work(context, requests))),
  bidi: (requests, context) => record(context, work(context, requests)),
});

/** Attackers use pings to wait until the server has read what they sent. */
const keepalive = { enforce: { minTime: 0 } };
const server = new Server([service], { keepalive, onError: (error) => reports.push(String(error)) });
const { port } = await server.listen({ host: "127.0.0.1", port: 0 });
console.log(port);
for await (const _ of process.stdin);
const closing = performance.now();
await server.close({ grace: GRACE_MS });
const closeMs = performance.now() - closing;
// Sockets close a few turns after their sessions.
for (let turns = 0; turns < 100 && openResources().length > 0; turns++) await sleep(5);
const summary: ServerSummary = { conversations, closeMs, reports, resources: openResources() };
console.log(JSON.stringify(summary));
