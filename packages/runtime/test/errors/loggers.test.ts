import { Writable } from "node:stream";
import { pino } from "pino";
import { describe, expect, test } from "vitest";
import { createLogger, format, type Logform, transports } from "winston";
import { RetryInfoSchema } from "../../src/error-details.js";
import { detail, GRPCError, Metadata, Status } from "../../src/index.js";
import { handleAll } from "../calls/kinds.js";
import { rejection, startPair } from "../harness.js";

/** Collects what a logger writes: the text of each entry, and the entry itself. */
class Sink extends Writable {
  readonly texts: string[] = [];

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.texts.push(String(chunk));
    done();
  }

  get entries(): { readonly [key: string]: unknown }[] {
    return this.texts.map((text) => JSON.parse(text));
  }
}

function logWithPino(log: (logger: pino.Logger) => void): Sink {
  const sink = new Sink();
  log(pino({ base: null, timestamp: false }, sink));
  return sink;
}

/** winston passes the entry on synchronously. */
function logWithWinston(log: (logger: ReturnType<typeof createLogger>) => void, ...formats: Logform.Format[]): Sink {
  const sink = new Sink();
  const stream = new transports.Stream({ stream: sink });
  log(createLogger({ format: format.combine(...formats, format.json()), transports: [stream] }));
  return sink;
}

// A 64-bit number, which JSON.stringify() refuses.
const retry = detail(RetryInfoSchema, { retryDelay: { seconds: 3n } });
const retryJson = { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "3s" };

/** An error that a call has failed with, and what is known about the call. */
async function receive(): Promise<{ received: GRPCError; call: object }> {
  const { stub } = await startPair(
    handleAll(() => {
      throw new GRPCError(Status.UNAVAILABLE, "not now", [retry], { metadata: new Metadata({ key: "value" }) });
    }),
  );
  const received = (await rejection(stub.unary({}))) as GRPCError;
  const { method, peer, origin } = received;
  return { received, call: { method, peer, origin, metadata: { key: ["value"] } } };
}

type Make = (cause: unknown) => Error;
const grpcError: Make = (cause) => new GRPCError(Status.UNAVAILABLE, "not now", undefined, { cause });
const plainError: Make = (cause) => new Error("not now", { cause });

function chain(length: number, make: Make): Error {
  let error = make("the first");
  for (let i = 1; i < length; i++) error = make(error);
  return error;
}

function cycle(make: Make): Error {
  const error = chain(2, make);
  return Object.assign(error, { cause: make(error) });
}

const causes: [title: string, make: (make: Make) => Error][] = [
  ["errors that cause each other", cycle],
  ["a chain of 50 causes", (make) => chain(50, make)],
  ["a chain of 400 causes", (make) => chain(400, make)],
];

describe("pino", () => {
  test("shows the status, the details and what is known about the call", async () => {
    const { received, call } = await receive();
    const { entries } = logWithPino((logger) => logger.error(received, "the call failed"));
    expect(entries).toMatchObject([
      { msg: "the call failed", err: { type: "GRPCError", message: "not now", status: Status.UNAVAILABLE, ...call } },
    ]);
    expect(JSON.stringify(entries)).toContain('"$typeName":"google.rpc.RetryInfo"');
  });

  test("shows the kind of a declared error", () => {
    const declared = new GRPCError(Status.NOT_FOUND, "gone", undefined, {
      declared: { kind: "GONE", data: {}, declaredBy: "/a/b" },
    });
    expect(logWithPino((logger) => logger.error(declared)).entries).toMatchObject([{ err: { kind: "GONE" } }]);
  });

  test("shows only properties that are set", () => {
    const { entries } = logWithPino((logger) => logger.error(new GRPCError(Status.ABORTED, "text")));
    expect(Object.keys((entries[0] as { err: object }).err).sort()).toEqual(["message", "stack", "status", "type"]);
  });

  test("shows the JSON of an error under another key", async () => {
    const { received, call } = await receive();
    const { entries } = logWithPino((logger) => logger.error({ failure: received }, "the call failed"));
    expect(entries).toMatchObject([{ failure: { status: "UNAVAILABLE", details: [retryJson], ...call } }]);
  });

  test.for(causes)("writes about as much for %s as for plain errors", ([, make]) => {
    const size = (error: Error) => logWithPino((logger) => logger.error(error)).texts.join("").length;
    // Each stack has the name GRPCError, and some of them another line.
    expect(size(make(grpcError))).toBeLessThan(1.5 * size(make(plainError)));
  });

  test.for(causes)("writes a short text for %s under another key", ([, make]) => {
    const { texts } = logWithPino((logger) => logger.error({ failure: make(grpcError) }));
    expect(texts.join("").length).toBeLessThan(300);
  });
});

describe("winston", () => {
  test("shows the JSON of an error among the data of an entry", async () => {
    const { received, call } = await receive();
    const { entries } = logWithWinston((logger) => logger.error("the call failed", { err: received }));
    expect(entries).toMatchObject([
      { message: "the call failed", err: { status: "UNAVAILABLE", message: "not now", details: [retryJson], ...call } },
    ]);
  });

  test("shows the JSON of an error that is the entry", async () => {
    const { received, call } = await receive();
    const { entries } = logWithWinston((logger) => logger.error(received));
    expect(entries).toMatchObject([{ status: "UNAVAILABLE", message: "not now", details: [retryJson], ...call }]);
  });

  test("shows the status and the details with format.errors()", async () => {
    const { received } = await receive();
    const { texts, entries } = logWithWinston((logger) => logger.error(received), format.errors({ stack: true }));
    expect(entries).toMatchObject([{ status: Status.UNAVAILABLE, message: "not now", stack: received.stack }]);
    expect(texts.join("")).toContain('"$typeName":"google.rpc.RetryInfo"');
  });

  test.for(causes)("writes a short text for %s", ([, make]) => {
    const { texts } = logWithWinston((logger) => logger.error("failed", { err: make(grpcError) }));
    expect(texts.join("").length).toBeLessThan(300);
    const withCause = format.errors({ cause: true });
    expect(logWithWinston((logger) => logger.error(make(grpcError)), withCause).texts.join("").length).toBeLessThan(
      300,
    );
  });
});
