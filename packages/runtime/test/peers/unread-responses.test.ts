import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { type ClientStream, Status } from "../../src/index.js";
import { rejection } from "../harness.js";
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

/** Waits for the trailers, without reading. */
async function untilOver(stream: Pick<ClientStream<never, never>, "trailingMetadata">): Promise<void> {
  while (stream.trailingMetadata === undefined) await sleep(5);
}
