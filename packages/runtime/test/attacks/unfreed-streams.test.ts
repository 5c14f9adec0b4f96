import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { create, toBinary } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import type { TestHandlers } from "../calls/kinds.js";
import { FrameConnection } from "../frames/frame-connection.js";
import { data, headers, reset, settings } from "../frames/frames.js";
import { frameMessage, requestFields, requestMessage } from "../frames/grpc.js";
import { TestRequestSchema } from "../gen/test/v1/test_pb.js";
import { startServer } from "../harness.js";

// Python's grpclib cancels calls with NO_ERROR. Node does not free such a stream while data of its response is pending,
// or while it is paused. Such streams would count against the limit of a connection for ever.

const NO_ERROR = 0;
const CANCEL = 8;
const CALLS = 5;
const large = { data: new Uint8Array(1_000_000) };

/** A message that a thread decompresses, with as much data behind it as pauses a stream. */
const compressed = frameMessage(gzipSync(toBinary(TestRequestSchema, create(TestRequestSchema, large))), 1);
const behind = Array.from({ length: 10 }, () => Buffer.alloc(10_000));
const gzip = [["grpc-encoding", "gzip"]] as const;

interface Case {
  readonly handlers: TestHandlers;
  readonly method: string;
  readonly fields?: readonly (readonly [string, string])[];
  /** What the client sends before the reset. It never gives the server more window than 64 KiB. */
  readonly body: readonly Buffer[];
  /** How long the client waits before the reset, in milliseconds. */
  readonly wait: number;
}

const endless: TestHandlers = {
  async *bidi() {
    for (;;) yield large;
  },
};

const cases: Record<string, Case> = {
  "a response is pending": { handlers: endless, method: "Bidi", body: [requestMessage({})], wait: 30 },
  "a response is pending, in one packet": { handlers: endless, method: "Bidi", body: [requestMessage({})], wait: 0 },
  "the handler has answered, and its response is pending": {
    handlers: { clientStream: async () => large },
    method: "ClientStream",
    body: [requestMessage({})],
    wait: 30,
  },
  "the handler has answered without reading": {
    handlers: { clientStream: async () => large },
    method: "ClientStream",
    body: Array.from({ length: 20 }, () => requestMessage({ data: new Uint8Array(10_000) })),
    wait: 30,
  },
  "a single request is paused while it is decompressed": {
    handlers: { unary: () => ({}) },
    method: "Unary",
    fields: gzip,
    body: [compressed, ...behind],
    wait: 0,
  },
};

test.for(
  Object.entries(cases).flatMap(([name, each]) => [NO_ERROR, CANCEL].map((code) => [name, code, each] as const)),
)(
  "%s: a stream is freed when the client resets it with %i",
  async ([, code, { handlers, method, fields = [], body, wait }]) => {
    const { port, server } = await startServer(handlers);
    const connection = await FrameConnection.connect(port);
    connection.send(settings());
    for (let stream = 1; stream < 2 * CALLS; stream += 2) {
      const frames = [headers(stream, requestFields(method, fields)), ...body.map((part) => data(stream, part))];
      if (wait === 0) connection.send(...frames, reset(stream, code));
      else {
        connection.send(...frames);
        await sleep(wait);
        connection.send(reset(stream, code));
      }
    }
    await connection.roundTrip();
    const streams = () => server.snapshot().connections.list.map(({ streams }) => streams);
    for (let i = 0; i < 300 && streams()[0] !== 0; i++) await sleep(10);
    expect(streams()).toEqual([0]);
    expect(server.snapshot().calls).toMatchObject({ started: CALLS, inFlight: 0 });
  },
);
