import { describe, expect, test } from "vitest";
import { type GRPCError, Status } from "../../src/index.js";
import { collect, rejection } from "../harness.js";
import { frame } from "./raw-client.js";
import { grpc, startPeer } from "./raw-server.js";

const notFound = { "grpc-status": "5", "grpc-message": "no such book" };
const corrupt = frame(Uint8Array.of(0x0a, 0xff));

describe("a failure detected by the client after a non-OK status has arrived", () => {
  test("a truncated message: the status is the outcome", async () => {
    const { stub } = await startPeer((stream) => {
      stream.respond(grpc, { waitForTrailers: true });
      stream.once("wantTrailers", () => stream.sendTrailers(notFound));
      stream.end(frame(new Uint8Array(100)).subarray(0, 50));
    });
    expect(await rejection(collect(stub.serverStream({})))).toMatchObject({ status: Status.NOT_FOUND, origin: "peer" });
  });

  test("an undecodable message after unread ones: the status is the outcome", async () => {
    const large = frame(Uint8Array.of(0x0a, 0xa0, 0x8d, 0x06, ...Buffer.alloc(100_000, "a")));
    const { stub } = await startPeer((stream) => {
      stream.respond(grpc, { waitForTrailers: true });
      stream.once("wantTrailers", () => stream.sendTrailers(notFound));
      stream.end(Buffer.concat([large, large, large, large, corrupt]));
    });
    const responses = stub.serverStream({});
    expect((await responses.next()).value?.text).toHaveLength(100_000);
    // By now everything has arrived: node:http2 emits the trailers before the data that is held back.
    await new Promise((resolve) => setTimeout(resolve, 100));
    for (let i = 0; i < 3; i++) expect((await responses.next()).value?.text).toHaveLength(100_000);
    expect(await rejection(responses.next())).toMatchObject({ status: Status.NOT_FOUND });
  });
});

describe("open()", () => {
  test("waits for missing trailers only until the deadline", async () => {
    const { stub } = await startPeer((stream) => {
      stream.respond(grpc);
      stream.write(frame());
    });
    const opened = stub.unary.open(
      async (stream) => {
        await stream.sendMessage({});
        return await stream.recvMessage();
      },
      { timeout: 100 },
    );
    expect(await rejection(opened)).toMatchObject({ status: Status.DEADLINE_EXCEEDED });
  });

  test("when used with a scope, operations reject with the GRPCError of the status", async () => {
    const { stub } = await startPeer((stream) => stream.respond({ ...grpc, ...notFound }, { endStream: true }));
    const errors: unknown[] = [];
    {
      await using stream = stub.bidi.open();
      await stream.sendRequest();
      errors.push(await rejection(stream.recvMessage()));
      errors.push(await rejection(stream.sendMessage({})));
      errors.push(await rejection(stream.end()));
    }
    for (const error of errors as GRPCError[])
      expect(error).toMatchObject({ status: Status.NOT_FOUND, origin: "peer" });
    expect(errors).toHaveLength(3);
  });
});
