import { describe, expect, test } from "vitest";
import { Status } from "../../src/index.js";
import { call, kinds } from "../calls/kinds.js";
import { rejection } from "../harness.js";
import { frame, startForRaw } from "./raw-client.js";
import { grpc, startPeer } from "./raw-server.js";

describe("the call ends without waiting for the end of the response", () => {
  test.for(kinds)("HTTP status ≠ 200 (%s)", async (kind) => {
    const { stub } = await startPeer((stream) => stream.respond({ ":status": 503, "content-type": "text/plain" }));
    expect(await rejection(call(stub, kind))).toMatchObject({ status: Status.UNAVAILABLE, message: "HTTP status 503" });
  });

  test("content-type not gRPC", async () => {
    const { stub } = await startPeer((stream) =>
      stream.respond({ ":status": 200, "content-type": "text/event-stream" }),
    );
    expect(await rejection(stub.unary({}))).toMatchObject({ status: Status.UNKNOWN });
  });

  test("unknown grpc-encoding", async () => {
    const { stub } = await startPeer((stream) => stream.respond({ ...grpc, "grpc-encoding": "zstd" }));
    expect(await rejection(stub.unary({}))).toMatchObject({ status: Status.INTERNAL });
  });

  test.for(["unary", "clientStream"] as const)("several messages instead of one → UNIMPLEMENTED (%s)", async (kind) => {
    const { stub } = await startPeer((stream) => {
      stream.respond(grpc);
      stream.write(Buffer.concat([frame(), frame()]));
    });
    expect(await rejection(call(stub, kind))).toMatchObject({ status: Status.UNIMPLEMENTED });
  });
});

test("a request that stays open, with two messages instead of one → UNIMPLEMENTED", async () => {
  const { client } = await startForRaw();
  const { trailers } = await client.request({ body: [frame(), frame()], end: false });
  expect(trailers["grpc-status"]).toBe(String(Status.UNIMPLEMENTED));
});

test("waiting calls are opened when the peer's maxConcurrentStreams grows", async () => {
  const { stub, sessions } = await startPeer(
    (stream) => {
      stream.respond(grpc, { waitForTrailers: true });
      stream.once("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
      stream.end(frame());
    },
    { maxConcurrentStreams: 0 },
  );
  const response = stub.unary({});
  await expect.poll(() => sessions.length).toBe(1);
  await new Promise((resolve) => setTimeout(resolve, 50));
  sessions[0]?.settings({ maxConcurrentStreams: 10 });
  expect(await response).toMatchObject({ $typeName: "test.v1.TestResponse" });
});
