import { describe, expect, test } from "vitest";
import { Server } from "../../src/node.js";
import { connect, openChannel, rejection, startPair, startServer } from "../harness.js";
import { selfSigned } from "./certificate.js";
import { testService } from "./kinds.js";

// Invalid numbers are refused where they are passed. Otherwise a limit of NaN, for example, would never apply.

const address = "http://127.0.0.1:1";
const serverWith = (options: object) => async () => void new Server([testService({})], options);

/** Passes a value for each option. */
const options: Readonly<Record<string, (value: never) => Promise<unknown>>> = {
  "maxReceiveMessageBytes of a channel": async (maxReceiveMessageBytes) =>
    openChannel(address, { maxReceiveMessageBytes }),
  "maxSendMessageBytes of a channel": async (maxSendMessageBytes) => openChannel(address, { maxSendMessageBytes }),
  "connectTimeout of a channel": async (connectTimeout) => openChannel(address, { connectTimeout }),
  "maxReceiveMessageBytes of a server": (maxReceiveMessageBytes) => serverWith({ maxReceiveMessageBytes })(),
  "maxSendMessageBytes of a server": (maxSendMessageBytes) => serverWith({ maxSendMessageBytes })(),
  "trailerBudgetBytes of a server": (trailerBudgetBytes) => serverWith({ trailerBudgetBytes })(),
  "maxConcurrentStreams of a server": (maxConcurrentStreams) => serverWith({ maxConcurrentStreams })(),
  "handshakeTimeout of a server": (handshakeTimeout) => serverWith({ handshakeTimeout })(),
  "maxConnecting of a server": (maxConnecting) => serverWith({ maxConnecting })(),
  "grace of close()": (grace) => new Server([testService({})]).close({ grace }),
};

const invalid = [Number.NaN, -1, Number.NEGATIVE_INFINITY, "1000", 10n, {}, [], Symbol("limit"), Object.create(null)];

/** Further values that some options refuse. */
const refused: Readonly<Record<string, readonly unknown[]>> = {
  "maxConcurrentStreams of a server": [0, 1.5, 2 ** 32, Number.POSITIVE_INFINITY],
  "handshakeTimeout of a server": [0],
  "maxConnecting of a server": [0, 1.5],
  "connectTimeout of a channel": [0],
};
/** The limits of the valid range, where they are not 0 and infinity. */
const accepted: Readonly<Record<string, readonly number[]>> = {
  "maxConcurrentStreams of a server": [1, 2 ** 32 - 1],
  "connectTimeout of a channel": [1, Number.POSITIVE_INFINITY],
  "handshakeTimeout of a server": [1, Number.POSITIVE_INFINITY],
  "maxConnecting of a server": [1, Number.POSITIVE_INFINITY],
};

describe("a numeric option", () => {
  test.for(Object.keys(options))("%s: an invalid value is a TypeError that says what is expected", async (name) => {
    for (const value of [...invalid, ...(refused[name] ?? [])]) {
      const error = await rejection(Promise.resolve(options[name]?.(value as never)));
      expect(error).toMatchObject({ name: "TypeError" });
      expect((error as Error).message).toMatch(new RegExp(`^${name.split(" ")[0]} takes a .*number.*, got `));
    }
  });

  test.for(Object.keys(options))("%s: the limits of its range are accepted", async (name) => {
    for (const value of accepted[name] ?? [0, 1, Number.POSITIVE_INFINITY]) await options[name]?.(value as never);
  });
});

test("a call timeout that is not a number is a TypeError", async () => {
  const { stub } = await startPair({});
  for (const timeout of ["5", 5n, Number.NaN, {}, Object.create(null)]) {
    expect(await rejection(stub.unary({}, { timeout: timeout as never }))).toMatchObject({
      name: "TypeError",
      message: expect.stringContaining("timeout takes a number of milliseconds, got "),
    });
  }
});

test("a server keeps serving after close() was called with an invalid grace period", async () => {
  const { stub, server } = await startPair({ unary: () => ({ text: "fine" }) });
  expect(await rejection(server.close({ grace: Number.NaN }))).toBeInstanceOf(TypeError);
  expect(await stub.unary({})).toMatchObject({ text: "fine" });
});

test("handshakeTimeout: Infinity accepts connections", async () => {
  const credentials = selfSigned();
  const { address } = await startServer(
    { unary: () => ({ text: "fine" }) },
    { handshakeTimeout: Number.POSITIVE_INFINITY, listen: { tls: credentials } },
  );
  expect(await connect(address, { tls: { ca: credentials.cert } }).unary({})).toMatchObject({ text: "fine" });
});
