import { constants, type OutgoingHttpHeaders } from "node:http2";
import { describe, expect, test } from "vitest";
import { type GRPCError, Status } from "../../src/index.js";
import { rejection } from "../harness.js";
import { paths, type RawRequest, startForRaw } from "./raw-client.js";
import { grpc, respondHeadersOnly, startPeer } from "./raw-server.js";

// Status messages quote text from the peer. Even if that is very long, the status must arrive.

/** Three times as long when it is percent-encoded. */
const long = "%".repeat(30_000);

describe("a server quotes the beginning of", () => {
  const requests: Readonly<Record<string, [headers: NonNullable<RawRequest["headers"]>, status: Status]>> = {
    "a path": [{ ":path": `/${long}` }, Status.UNIMPLEMENTED],
    "a grpc-timeout": [{ "grpc-timeout": long }, Status.INTERNAL],
    "a grpc-encoding": [{ "grpc-encoding": long }, Status.UNIMPLEMENTED],
    "a -bin key": [{ [`${long}-bin`]: "not base64!" }, Status.INTERNAL],
    "a header that is repeated many times": [
      { "grpc-encoding": Array.from({ length: 100 }, (_, i) => `${i}${"%".repeat(300)}`) },
      Status.UNIMPLEMENTED,
    ],
  };

  test.for(Object.entries(requests))("%s", async ([, [headers, status]]) => {
    const { client } = await startForRaw();
    const { trailers, code } = await client.request({ headers });
    expect(trailers["grpc-status"]).toBe(String(status));
    expect(trailers["grpc-message"]?.length).toBeLessThan(400);
    expect(code).toBe(constants.NGHTTP2_NO_ERROR);
    // The connection is still usable.
    expect((await client.request({ headers: { ":path": paths.unary } })).trailers["grpc-status"]).toBe("0");
  });
});

describe("a client quotes the beginning of", () => {
  const responses: Readonly<Record<string, [headers: OutgoingHttpHeaders, status: Status]>> = {
    "a content-type": [{ ":status": "200", "content-type": `text/${long}` }, Status.UNKNOWN],
    "a grpc-encoding": [{ ...grpc, "grpc-encoding": long }, Status.INTERNAL],
    "a grpc-status": [{ ...grpc, "grpc-status": long }, Status.UNKNOWN],
  };

  test.for(Object.entries(responses))("%s", async ([, [headers, status]]) => {
    const { stub } = await startPeer((stream) => respondHeadersOnly(stream, headers));
    const error = (await rejection(stub.unary({}))) as GRPCError;
    expect(error).toMatchObject({ status, message: expect.stringMatching(/%…$/) });
    expect(error.message.length).toBeLessThan(200);
  });
});
