import { describe, expect, test } from "vitest";
import { type GRPCError, Status } from "../../src/index.js";
import { call } from "../calls/kinds.js";
import { encodeFrames, Flag, FrameType, type Http2Frame, preface } from "../frames/frame.js";
import { FrameConnection } from "../frames/frame-connection.js";
import { data, headers, settings, windowUpdate } from "../frames/frames.js";
import { responseFields, responseMessage, trailerFields } from "../frames/grpc.js";
import { connect, rejection, startTcpServer } from "../harness.js";

// A server that breaks HTTP/2 on an open connection. Its calls are UNAVAILABLE at once, and the next one connects anew.

/** What the server sends while a call on stream 3 is open. */
const violations: Record<string, Uint8Array> = {
  "a window update of 0": encodeFrames([windowUpdate(0, 0)]),
  garbage: Buffer.from("garbage ".repeat(100)),
  "a text of HTTP/1.1": Buffer.from("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"),
  "bad HPACK": frame({
    type: FrameType.HEADERS,
    flags: Flag.END_HEADERS,
    stream: 3,
    payload: Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff]),
  }),
  "a promised stream": frame({ type: 5, flags: Flag.END_HEADERS, stream: 3, payload: Buffer.from([0, 0, 0, 2, 0x82]) }),
  "a frame of 20,000 bytes": frame(data(3, Buffer.alloc(20_000))),
  "DATA on stream 0": frame(data(0, Buffer.alloc(10))),
  "more than the window": encodeFrames(Array.from({ length: 100 }, () => data(3, Buffer.alloc(16_000)))),
  "headers of 200 KB": frame(
    headers(3, [...responseFields, ...Array.from({ length: 200 }, (_, i) => [`x-${i}`, "v".repeat(1000)] as const)]),
  ),
};

function frame(...frames: Http2Frame[]): Uint8Array {
  return encodeFrames(frames);
}

/** A server that answers all calls but the second one of its first connection, on which it breaks HTTP/2. */
async function startBreaking(violation: Uint8Array, then: "closes" | "stays open") {
  let connections = 0;
  const { address } = await startTcpServer((socket) => {
    const number = ++connections;
    new FrameConnection(socket, preface.length, ({ type, flags, stream }, connection) => {
      if ((type !== FrameType.HEADERS && type !== FrameType.DATA) || (flags & Flag.END_STREAM) === 0) return;
      if (number === 1 && stream === 3) {
        socket.write(violation);
        if (then === "closes") socket.end();
        return;
      }
      connection.send(
        headers(stream, responseFields),
        data(stream, responseMessage({ text: String(number) })),
        headers(stream, trailerFields(0), { endStream: true }),
      );
    }).send(settings());
  });
  return connect(address);
}

for (const then of ["closes", "stays open"] as const) {
  describe(`and ${then}`, () => {
    test.for(
      (["unary", "bidi"] as const).flatMap((kind) => Object.keys(violations).map((name) => [name, kind] as const)),
    )("%s (%s)", async ([name, kind]) => {
      const stub = await startBreaking(violations[name] as Uint8Array, then);
      expect(await call(stub, kind)).toMatchObject([{ text: "1" }]);
      const start = performance.now();
      const error = (await rejection(call(stub, kind, { timeout: 5000 }))) as GRPCError;
      expect(error).toMatchObject({ status: Status.UNAVAILABLE, origin: "client", cause: expect.any(Error) });
      expect(performance.now() - start).toBeLessThan(1000);
      expect(await call(stub, kind, { timeout: 5000 })).toMatchObject([{ text: "2" }]);
    });
  });
}
