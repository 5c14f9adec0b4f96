import { Writable } from "node:stream";
import { pino } from "pino";
import { describe, expect, test, vi } from "vitest";
import { createLogger, format, type Logform, transports } from "winston";
import { RetryInfoSchema } from "../../src/error-details.js";
import { KnownOutcome } from "../../src/errors/call-outcome.js";
import { type CallOutcome, detail, GRPCError, Metadata, Status, StreamTerminatedError } from "../../src/index.js";
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

/** The outcomes of a call on both sides, as interceptors see them. */
async function outcomes(fail: () => never): Promise<Readonly<Record<"client" | "server", CallOutcome>>> {
  const seen: Partial<Record<"client" | "server", CallOutcome>> = {};
  const { stub } = await startPair(handleAll(fail), {
    server: {
      onError: () => {},
      interceptors: [
        async (call, next) => {
          void call.outcome.then((outcome) => Object.assign(seen, { server: outcome }));
          await next();
        },
      ],
    },
    channel: {
      interceptors: [
        async (call, next) => {
          void call.outcome.then((outcome) => Object.assign(seen, { client: outcome }));
          return next();
        },
      ],
    },
  });
  await rejection(stub.unary({}));
  await vi.waitFor(() => expect(Object.keys(seen)).toHaveLength(2));
  return seen as Readonly<Record<"client" | "server", CallOutcome>>;
}

describe("outcomes", () => {
  const metadata = new Metadata({ key: "value", "set-cookie": "session=secret", "raw-bin": new Uint8Array(100) });
  const unavailable = (): never => {
    throw new GRPCError(Status.UNAVAILABLE, "not now", [retry], { metadata });
  };
  const shownMetadata = { key: ["value"], "set-cookie": ["[masked]"], "raw-bin": [`${"A".repeat(86)}==… (100 bytes)`] };
  const shown = {
    status: "UNAVAILABLE",
    message: "not now",
    details: [retryJson],
    metadata: shownMetadata,
    endedBy: "server",
  };

  test("pino and winston write the same for both sides", async () => {
    const { client, server } = await outcomes(unavailable);
    for (const outcome of [client, server]) {
      expect(logWithPino((logger) => logger.info({ outcome }, "call")).entries).toEqual([
        { level: 30, msg: "call", outcome: shown },
      ]);
      expect(logWithPino((logger) => logger.info(outcome.toJSON(), "call")).entries).toEqual([
        { level: 30, msg: "call", ...shown },
      ]);
      expect(logWithWinston((logger) => logger.info("call", { outcome })).entries).toEqual([
        { level: "info", message: "call", outcome: shown },
      ]);
    }
  });

  test("have the properties of the error, except for those of the call", async () => {
    const { client } = await outcomes(unavailable);
    const { name, method, peer, origin, ...rest } = (client.error as GRPCError).toJSON();
    expect({ name, method, origin }).toEqual({
      name: "GRPCError",
      method: "/test.v1.TestService/Unary",
      origin: "peer",
    });
    expect(peer).toBe((client.error as GRPCError).peer);
    expect({ ...rest, endedBy: "server" }).toEqual(client.toJSON());
  });

  test("of a success have a status, and who ended the call", async () => {
    const seen: object[] = [];
    const see = async (call: { readonly outcome: Promise<CallOutcome> }, next: () => Promise<never>) => {
      void call.outcome.then((outcome) => seen.push(outcome.toJSON()));
      return next();
    };
    const options = { server: { interceptors: [see] }, channel: { interceptors: [see] } };
    const { stub } = await startPair(
      handleAll(() => ({})),
      options as object,
    );
    await stub.unary({});
    const success = { status: "OK", endedBy: "server" };
    await vi.waitFor(() => expect(seen).toEqual([success, success]));
  });

  test("name the error that the client does not learn of as the cause", async () => {
    const { client, server } = await outcomes(() => {
      throw new RangeError("the password is 123");
    });
    const sent = { status: "UNKNOWN", message: "Internal Server Error", endedBy: "server" };
    expect(client.toJSON()).toEqual(sent);
    expect(server.toJSON()).toEqual({ ...sent, cause: "RangeError: the password is 123" });
  });

  test("do not take the error of an outgoing call for one of this call", async () => {
    const { server } = await outcomes(() => {
      throw new GRPCError(Status.UNKNOWN, "secret", [retry], { origin: "peer", metadata, method: "/other/Method" });
    });
    expect(server.toJSON()).toEqual({
      status: "UNKNOWN",
      message: "Internal Server Error",
      endedBy: "server",
      cause: "GRPCError: secret",
    });
  });

  test("name declared errors, and whether they are retryable", () => {
    const declared = { kind: "GONE", data: {}, declaredBy: "/a/b", retryable: true };
    const error = new GRPCError(Status.NOT_FOUND, "gone", undefined, { declared, cause: new Error("no row") });
    const outcome = new KnownOutcome({ ...error, message: "gone", details: [], endedBy: "server", error }, error);
    expect(outcome.toJSON()).toEqual({
      status: "NOT_FOUND",
      message: "gone",
      endedBy: "server",
      kind: "GONE",
      declaredBy: "/a/b",
      retryable: true,
      cause: "Error: no row",
    });
  });

  test("do not repeat the message as the cause", async () => {
    const error = new StreamTerminatedError("The connection to the client was lost");
    const { message } = error;
    const outcome = new KnownOutcome({ status: Status.CANCELLED, message, details: [], endedBy: "client", error });
    expect(outcome.toJSON()).toEqual({ status: "CANCELLED", message, endedBy: "client" });
  });

  test("never throw, whatever untyped code has thrown", () => {
    const hostile = new Proxy(
      {},
      {
        get() {
          throw new Error("no");
        },
        has() {
          throw new Error("no");
        },
      },
    );
    const outcome = new KnownOutcome(
      {
        status: Status.UNKNOWN,
        message: hostile as string,
        details: hostile as [],
        endedBy: "server",
        error: hostile,
      },
      hostile,
    );
    expect(outcome.toJSON()).toEqual({
      status: "UNKNOWN",
      message: "(object that cannot be read)",
      endedBy: "server",
      cause: "(object that cannot be read)",
    });
  });
});
