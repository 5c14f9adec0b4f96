import { describe, expect, test } from "vitest";
import { Status } from "../../src/index.js";
import { rejection } from "../harness.js";
import { respond, responseFrame, startPeer } from "./raw-server.js";

describe("a server that sends two responses to a method with a single one", () => {
  const start = () =>
    startPeer((stream) => {
      const body = Buffer.concat([responseFrame({ text: "first" }), responseFrame({ text: "second" })]);
      respond(stream, { body, trailers: { "grpc-status": "0" } });
    });
  const expected = { status: Status.UNIMPLEMENTED, message: "Expected one response message, got 2" };

  test("does not let the trailers hang", async () => {
    const { stub } = await start();
    const outcome = stub.unary.open(async (stream) => {
      await stream.sendMessage({});
      await stream.recvInitialMetadata();
      await stream.recvTrailingMetadata();
    });
    expect(await rejection(outcome)).toMatchObject(expected);
  });

  test("does not let later reads hang", async () => {
    const { stub } = await start();
    const outcome = stub.unary.open(async (stream) => {
      await stream.sendMessage({});
      const reads = [rejection(stream.recvMessage()), rejection(stream.recvMessage())];
      expect(await Promise.all(reads)).toMatchObject([expected, expected]);
      throw new Error("read");
    });
    expect(await rejection(outcome)).toMatchObject({ message: "read" });
  });
});
