import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { type ClientStream, Status } from "../../src/index.js";
import { FrameType, type Http2Frame } from "../frames/frame.js";
import { data, headers, reset } from "../frames/frames.js";
import { responseFields, responseMessage, trailerFields } from "../frames/grpc.js";
import { rejection } from "../harness.js";
import { startFramePeer } from "./frame-server.js";
import { frame } from "./raw-client.js";
import { respond, responseFrame, startPeer } from "./raw-server.js";

// The server ends the call with OK before its responses are read. If one of them cannot be read, the call fails.

const bad: Record<string, { readonly body: Uint8Array; readonly status: Status; readonly message: RegExp }> = {
  "cannot be decoded": { body: frame(Uint8Array.of(0x0a, 0xff)), status: Status.INTERNAL, message: /^Cannot decode/ },
  "is incomplete": {
    body: responseFrame({ text: "cut" }).subarray(0, -1),
    status: Status.INTERNAL,
    message: /ended within a message/,
  },
  "has reserved flags": { body: frame(new Uint8Array(1), 4), status: Status.INTERNAL, message: /flags 4/ },
  "is over the limit": {
    body: Uint8Array.of(0, 0xff, 0xff, 0xff, 0xff),
    status: Status.RESOURCE_EXHAUSTED,
    message: /over the limit/,
  },
};

test.for(Object.entries(bad))("a response that %s, read after the end", async ([, { body, status, message }]) => {
  const { stub } = await startPeer((stream) => {
    respond(stream, { body: Buffer.concat([responseFrame({ text: "good" }), body]), trailers: { "grpc-status": "0" } });
  });
  const error = await rejection(
    stub.serverStream.open(async (stream) => {
      await stream.sendMessage({});
      await untilOver(stream);
      expect((await stream.recvMessage())?.text).toBe("good");
      await stream.recvMessage();
    }),
  );
  expect(error).toMatchObject({ name: "GRPCError", status, message: expect.stringMatching(message), origin: "client" });
});

const ends: Record<string, [end: (stream: number) => Http2Frame, status: Status]> = {
  "an error": [(stream) => headers(stream, trailerFields(Status.PERMISSION_DENIED), { endStream: true }), 7],
  OK: [(stream) => headers(stream, trailerFields(Status.OK), { endStream: true }), 0],
  "trailers without a status": [(stream) => headers(stream, [["x-key", "value"]], { endStream: true }), 2],
  "a reset with NO_ERROR": [(stream) => reset(stream, 0), 2],
  "a reset with an error": [(stream) => reset(stream, 2), 13],
};

// Node does not emit the end of a stream that is paused because its responses are unread.
test.for(Object.entries(ends))("a sender learns that the call has ended with %s before it reads", async ([, row]) => {
  const [end, status] = row;
  const text = "x".repeat(15_000);
  const count = 20;
  const { stub } = await startFramePeer(({ type, stream }, connection) => {
    if (type !== FrameType.HEADERS) return;
    connection.send(
      headers(stream, responseFields),
      ...Array.from({ length: count }, () => data(stream, responseMessage({ text }))),
    );
    // By then, the stream is paused.
    setTimeout(() => connection.send(end(stream)), 100);
  });
  const stream = stub.bidi.open({ timeout: 3000 });
  await stream.sendRequest();
  const send = async () => {
    while (stream.trailingMetadata === undefined) await stream.sendMessage({ text });
  };
  const expected = status === Status.OK ? undefined : expect.objectContaining({ name: "GRPCError", status });
  expect(await send().catch((reason: unknown) => reason)).toEqual(expected);
  for (let read = 0; read < count; read++) expect((await stream.recvMessage())?.text).toBe(text);
  expect(await stream.recvMessage().catch((reason: unknown) => reason)).toEqual(expected);
});

/** Waits for the trailers, without reading. */
async function untilOver(stream: Pick<ClientStream<never, never>, "trailingMetadata">): Promise<void> {
  while (stream.trailingMetadata === undefined) await sleep(5);
}
