import { expect, test } from "vitest";
import { startPair } from "../harness.js";

const streams = 8;
const size = 4_000_000;

// More waits for the client than the 10 MB from which on node:http2 by itself refuses further streams of a connection.
test(`${streams} streams may each have a response of ${size} bytes that nobody reads, and other calls succeed`, async () => {
  const { stub } = await startPair({
    unary: () => ({ text: "answer" }),
    async *serverStream() {
      yield { data: new Uint8Array(size) };
    },
  });
  const unread = Array.from({ length: streams }, () => stub.serverStream.open());
  for (const stream of unread) {
    await stream.sendMessage({});
    await stream.recvInitialMetadata();
  }
  expect(await stub.unary({})).toMatchObject({ text: "answer" });
  for (const stream of unread) {
    expect((await stream.recvMessage())?.data.length).toBe(size);
    expect(await stream.recvMessage()).toBeUndefined();
  }
});
