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

describe("a server that sends no response to a method with a single one, and OK", () => {
  const start = () => startPeer((stream) => respond(stream, { trailers: { "grpc-status": "0" } }));
  const missing = { status: Status.UNIMPLEMENTED, message: "Expected one response message, got 0" };

  test("fails a call that only reads the metadata", async () => {
    const { stub } = await start();
    const outcome = stub.unary.open(async (stream) => {
      await stream.sendMessage({});
      await stream.recvInitialMetadata();
      await stream.recvTrailingMetadata();
      return "fine";
    });
    expect(await rejection(outcome)).toMatchObject(missing);
  });

  test("fails recvMessage(), but not the trailers that are read after it", async () => {
    const { stub } = await start();
    const outcome = stub.unary.open(async (stream) => {
      await stream.sendMessage({});
      const response = rejection(stream.recvMessage());
      const trailers = await stream.recvTrailingMetadata();
      return [await response, trailers.size];
    });
    expect(await outcome).toMatchObject([missing, 0]);
  });
});
