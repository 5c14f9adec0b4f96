import type { ServerOptions } from "node:http2";
import { describe, expect, test } from "vitest";
import { type Metadata, Status } from "../../src/index.js";
import { call, handleAll, kinds } from "../calls/kinds.js";
import { connect, rejection, startPair, startServer } from "../harness.js";
import { grpc, respond, responseFrame, startPeer } from "../peers/raw-server.js";

// Metadata that a channel sends and receives: as much as the other side accepts, in any number of keys.

const KIB = 1024;
const pairs = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`x-key-${n}`, "value"]));
const long = (bytes: number) => ({ "x-long": "v".repeat(bytes) });
const count = handleAll(({ metadata }) => {
  let bytes = 0;
  let keys = 0;
  for (const [key, value] of metadata) {
    if (!key.startsWith("x-")) continue;
    keys += 1;
    bytes += value.length;
  }
  return { text: `${keys} ${bytes}` };
});

describe("request metadata", () => {
  test.for<[name: string, metadata: Record<string, string>, seen: string]>([
    ["of 60 KiB", long(60 * KIB), `1 ${60 * KIB}`],
    ["of 130 pairs", pairs(130), "130 650"],
    ["of 1,000 pairs", pairs(1000), "1000 5000"],
  ])("%s arrives", async ([, metadata, seen]) => {
    const { stub } = await startPair(count);
    for (const kind of kinds) expect(await call(stub, kind, { metadata })).toMatchObject([{ text: seen }]);
  });

  test.for<[name: string, metadata: Record<string, string>]>([
    ["of 70 KiB", long(70 * KIB)],
    ["of 2,000 pairs", pairs(2000)],
  ])(
    "%s is refused by the client, with its size and the limit of the server; other calls live",
    async ([, metadata]) => {
      const { stub } = await startPair({
        ...count,
        async *serverStream() {
          yield { text: "1" };
          await new Promise((resolve) => setTimeout(resolve, 200));
          yield { text: "2" };
        },
      });
      const others = call(stub, "serverStream");
      for (const kind of kinds) {
        expect(await rejection(call(stub, kind, { metadata }))).toMatchObject({
          status: Status.RESOURCE_EXHAUSTED,
          message: expect.stringMatching(
            /^The headers with the metadata have \d{5,6} bytes, but the server accepts at most 65536 /,
          ),
          origin: "client",
        });
      }
      expect(await others).toMatchObject([{ text: "1" }, { text: "2" }]);
    },
  );

  test("the limit is that of the server", async () => {
    const { address } = await startServer(count, { maxHeaderBytes: 120 * KIB });
    const metadata = Object.fromEntries(Array.from({ length: 2 }, (_, n) => [`x-${n}`, "v".repeat(50 * KIB)]));
    const stub = connect(address);
    expect(await stub.unary({}, { metadata })).toMatchObject({ text: `2 ${100 * KIB}` });
    const more = { ...metadata, "x-2": "v".repeat(50 * KIB) };
    expect(await rejection(stub.unary({}, { metadata: more }))).toMatchObject({ status: Status.RESOURCE_EXHAUSTED });
    expect(await stub.unary({})).toMatchObject({ text: "0 0" });
  });
});

test.for(kinds)("%s: response metadata of 1,000 pairs arrives, in headers and trailers", async (kind) => {
  const { stub } = await startPair(
    handleAll((context) => {
      context.sendInitialMetadata(pairs(1000));
      return {};
    }),
  );
  const received: Metadata[] = [];
  await call(stub, kind, { onHeaders: (metadata) => void received.push(metadata) });
  expect([...(received[0] ?? [])].length).toBeGreaterThanOrEqual(1000);
});

test.for<[name: string, metadata: Record<string, string>]>([
  ["a value of 70 KiB", long(70 * KIB)],
  ["ten values of 7 KiB", Object.fromEntries(Array.from({ length: 10 }, (_, n) => [`x-${n}`, "v".repeat(7 * KIB)]))],
  ["2,000 pairs", pairs(2000)],
  ["120 KiB", Object.fromEntries(Array.from({ length: 3 }, (_, n) => [`x-${n}`, "v".repeat(40 * KIB)]))],
])(
  "initial metadata of %s arrives from this server and from node:http2, also on a connection in use",
  async ([, metadata]) => {
    const { stub: ours } = await startPair(
      handleAll((context) => {
        context.sendInitialMetadata(metadata);
        return {};
      }),
    );
    const { stub: nodes } = await startPeer(
      (stream) =>
        respond(stream, { headers: { ...grpc, ...metadata }, body: responseFrame(), trailers: { "grpc-status": "0" } }),
      {},
      { maxSendHeaderBlockLength: 2 ** 32 - 1 } as ServerOptions,
    );
    for (const stub of [ours, nodes]) {
      for (let round = 0; round < 3; round++) {
        const received: Metadata[] = [];
        await stub.unary({}, { onHeaders: (headers) => void received.push(headers) });
        for (const [key, value] of Object.entries(metadata)) expect(received[0]?.get(key)).toBe(value);
      }
    }
  },
);
