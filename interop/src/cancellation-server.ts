import { setTimeout as sleep } from "node:timers/promises";
import { GRPCError, type ServerContext, Status } from "@grpclib-ts/runtime";
import { CancellationServiceBase } from "./gen/interop/v1/cancellation_grpclib.js";
import type { Chunk, SeenRequest } from "./gen/interop/v1/cancellation_pb.js";
import { serve } from "./serve.js";

/** How long handlers may take to end after a cancellation. */
const MAX_END_MS = 5_000;

/**
 * Time between responses. When a response arrives after Python's h2 has reset the stream, h2 sends another reset, and
 * Node 20 drops a connection after 1,000 resets. At 1 ms there were two or three per call, and more on a busy machine.
 */
const RESPONSE_MS = 20;

/** What the handlers of a test case have observed. */
interface Seen {
  started: number;
  ended: number;
  requestsEnded: number;
  readonly reasons: Set<string>;
}

const cases = new Map<string, Seen>();
const reports: string[] = [];

function seenBy(testCase: string): Seen {
  const seen = cases.get(testCase) ?? { started: 0, ended: 0, requestsEnded: 0, reasons: new Set() };
  cases.set(testCase, seen);
  return seen;
}

const caseOf = ({ metadata }: ServerContext) => seenBy(String(metadata.get("case")));

/** Runs a handler and records how it starts and ends. */
async function* watch(context: ServerContext, work: AsyncIterable<{ data?: Uint8Array }>) {
  const seen = caseOf(context);
  seen.started += 1;
  try {
    yield* work;
  } finally {
    seen.ended += 1;
    const { aborted, reason } = context.signal;
    if (aborted) seen.reasons.add(reason instanceof GRPCError ? Status[reason.status] : reason.name);
  }
}

/** Runs the handler of a method with a single response. No handler here sends one, so this always throws. */
async function only(responses: AsyncIterable<object>): Promise<object> {
  for await (const response of responses) return response;
  throw new Error("There is no response");
}

const aborted = ({ signal }: ServerContext) =>
  new Promise<never>((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });

async function* never(context: ServerContext) {
  yield await aborted(context);
}

async function* forever({ signal }: ServerContext) {
  for (;;) {
    yield { data: new Uint8Array(1000) };
    await sleep(RESPONSE_MS, undefined, { signal });
  }
}

async function* readAll(requests: AsyncIterable<Chunk>, context: ServerContext) {
  for await (const _ of requests);
  caseOf(context).requestsEnded += 1;
  yield await aborted(context);
}

async function* echo(requests: AsyncIterable<Chunk>, context: ServerContext) {
  for await (const { data } of requests) yield { data };
  caseOf(context).requestsEnded += 1;
  await aborted(context);
}

class CancellationService extends CancellationServiceBase {
  override unary(_request: Chunk, context: ServerContext) {
    return only(watch(context, never(context)));
  }

  override serverStream(_request: Chunk, context: ServerContext) {
    return watch(context, forever(context));
  }

  override clientStream(requests: AsyncIterable<Chunk>, context: ServerContext) {
    return only(watch(context, readAll(requests, context)));
  }

  override bidi(requests: AsyncIterable<Chunk>, context: ServerContext) {
    return watch(context, echo(requests, context));
  }

  override async seen({ testCase }: SeenRequest) {
    const seen = seenBy(testCase);
    const end = performance.now() + MAX_END_MS;
    while (seen.ended < seen.started && performance.now() < end) await sleep(5);
    return { ...seen, reasons: [...seen.reasons], reports };
  }
}

await serve(new CancellationService(), { onError: (error) => reports.push(String(error)) });
