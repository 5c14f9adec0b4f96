import { expect, test } from "vitest";
import { Status } from "../../src/index.js";
import { handleAll, kinds } from "../calls/kinds.js";
import { Flag, FrameType } from "../frames/frame.js";
import { FrameConnection } from "../frames/frame-connection.js";
import { data, goaway, headers, settings } from "../frames/frames.js";
import { requestFields, requestMessage, responseFields, responseMessage } from "../frames/grpc.js";
import { connect, rejection, startServer } from "../harness.js";
import { startFramePeer } from "./frame-server.js";
import { paths } from "./raw-client.js";

// When a GOAWAY with an error code arrives, Node destroys the session while nghttp2 is still reading the packet. In
// some versions, plain node:http2 then aborts the process: a server on Node 22, for example, if HEADERS and DATA
// follow.

const codes = [1, 2, 11, 13];

test.for(codes)("a server survives GOAWAY(%d) with HEADERS and DATA in the same packet", async (code) => {
  const { address } = await startServer(handleAll(() => ({ text: "fine" })));
  for (const kind of kinds) {
    const method = paths[kind].split("/").at(-1) ?? "";
    const attacker = await FrameConnection.connect(Number(new URL(address).port));
    attacker.send(
      settings(),
      goaway(0, code),
      headers(1, requestFields(method)),
      data(1, requestMessage({ text: "a request" })),
      data(1, requestMessage({ text: "another one" }), { endStream: true }),
    );
    // The server closes the connection after the GOAWAY.
    await attacker.closed;
    expect(await connect(address).unary({})).toMatchObject({ text: "fine" });
  }
});

test.for(codes)("a client survives GOAWAY(%d) with HEADERS and DATA in the same packet", async (code) => {
  const { stub } = await startFramePeer(({ type, flags, stream }, connection) => {
    if (type !== FrameType.HEADERS || (flags & Flag.END_HEADERS) === 0) return;
    connection.send(
      goaway(stream, code),
      headers(stream, responseFields),
      data(stream, responseMessage({ text: "a response" })),
    );
  });
  expect(await rejection(stub.unary({}))).toMatchObject({ name: "GRPCError", status: Status.UNAVAILABLE });
  // The next call uses a new connection.
  expect(await rejection(stub.unary({}))).toMatchObject({ name: "GRPCError", status: Status.UNAVAILABLE });
});
