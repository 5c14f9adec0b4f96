import { create } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { ErrorInfoSchema } from "../../src/error-details.js";
import { GRPCError, type Metadata, type ServerContext, Status } from "../../src/index.js";
import { hpackSize } from "../../src/wire/hpack-size.js";
import { call, handleAll, kinds } from "../calls/kinds.js";
import { moment, rejection, startPairOnNetwork } from "../harness.js";

// Node closes the connection on which it receives a value of more than 64 KiB in a header block, as HPACK encodes it. The
// calls of others would be lost.

const MAX = 64 * 1024;

/** Values that just fit, by the bits of a character. A code that is longer than the character is not used. */
const fitting = {
  "13 bits": "~".repeat(MAX),
  "8 bits": "X".repeat(MAX),
  "7 bits": "x".repeat(Math.floor((MAX * 8) / 7)),
  "6 bits": "_".repeat(Math.floor((MAX * 8) / 6)),
  "5 bits": "e".repeat(Math.floor((MAX * 8) / 5)),
  "all codes": longest((i) => String.fromCharCode(0x21 + (i % 94))),
};

/** The longest text of these characters whose encoding fits. */
function longest(character: (index: number) => string): string {
  let text = Array.from({ length: 2 * MAX }, (_, i) => character(i)).join("");
  while (hpackSize(text) > MAX) text = text.slice(0, -1 - Math.floor((hpackSize(text) - MAX) / 4));
  return text;
}

const options = { server: { maxHeaderBytes: 250_000, trailerBudgetBytes: 120_000 } };
const tooLong = { status: Status.RESOURCE_EXHAUSTED, message: expect.stringContaining("more than 65536 bytes") };

/** A server, and a call that is in flight on the same connection. */
async function startWithBystander(handler: (context: ServerContext) => void) {
  const [started, leave] = [moment(), moment()];
  const pair = await startPairOnNetwork(
    {
      ...handleAll((context) => {
        handler(context);
        return {};
      }),
      async *serverStream() {
        started.happens();
        await leave.promise;
        yield { text: "fine" };
      },
    },
    options,
  );
  const bystander = call(pair.stub, "serverStream");
  await started.promise;
  return {
    ...pair,
    bystander() {
      leave.happens();
      return bystander;
    },
  };
}

describe.for(Object.entries(fitting))("a value of 64 KiB, %s", ([, value]) => {
  test("arrives in a request", async () => {
    const received = moment<Metadata>();
    const { stub } = await startPairOnNetwork(
      handleAll(({ metadata }) => {
        received.happens(metadata);
        return {};
      }),
      options,
    );
    await stub.unary({}, { metadata: { key: value } });
    expect((await received.promise).get("key")).toBe(value);
  });

  test("is refused with one character more, in a request", async () => {
    const { stub, bystander } = await startWithBystander(() => {});
    expect(await rejection(stub.unary({}, { metadata: { key: `${value}~` } }))).toMatchObject(tooLong);
    expect(await bystander()).toMatchObject([{ text: "fine" }]);
  });
});

test.for(kinds.filter((kind) => kind !== "serverStream"))(
  "%s: sendInitialMetadata() throws for a value that is too long",
  async (kind) => {
    let thrown: unknown;
    const { stub, bystander } = await startWithBystander((context) => {
      try {
        context.sendInitialMetadata({ key: "~".repeat(MAX + 1) });
      } catch (error) {
        thrown = error;
      }
    });
    await call(stub, kind);
    expect(thrown).toMatchObject(tooLong);
    expect(await bystander()).toMatchObject([{ text: "fine" }]);
  },
);

test("trailing metadata with a value that is too long is dropped and reported", async () => {
  const { stub, bystander, reports } = await startWithBystander(({ trailingMetadata }) => {
    trailingMetadata.set("key", "~".repeat(MAX + 1));
    throw new GRPCError(Status.ABORTED, "", [create(ErrorInfoSchema, { reason: "GONE" })]);
  });
  const trailers: Metadata[] = [];
  const error = await rejection(stub.unary({}, { onTrailers: (received) => void trailers.push(received) }));
  // Its details are sent, and count on their own.
  expect(error).toMatchObject({ status: Status.ABORTED, details: [{ reason: "GONE" }] });
  expect(trailers.flatMap((metadata) => [...metadata])).toEqual([]);
  expect(reports.take().map(({ error }) => String(error))).toEqual([
    expect.stringContaining("Not sent: the trailing metadata, of which a value is too long"),
  ]);
  expect(await bystander()).toMatchObject([{ text: "fine" }]);
});
