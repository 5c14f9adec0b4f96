import type { Socket } from "node:net";
import type { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import { connect, startTcpServer } from "../harness.js";

/** The types of HTTP/2 frames that the tests name (RFC 9113, section 6). */
export const FrameType = { DATA: 0, HEADERS: 1, RST_STREAM: 3, SETTINGS: 4, GOAWAY: 7 } as const;

/** One HTTP/2 frame. */
export interface Http2Frame {
  readonly type: number;
  readonly flags?: number;
  readonly stream?: number;
  readonly payload?: readonly number[];
}

/** A connection of a fake server. */
export interface FrameConnection {
  send(frame: Http2Frame): void;
  readonly socket: Socket;
}

/**
 * A server that speaks HTTP/2 frame by frame, for what node:http2 does not let a
 * server do. It agrees to the client's settings, and leaves the rest to the test.
 */
export async function startFramePeer(
  onFrame: (frame: Required<Http2Frame>, connection: FrameConnection) => void,
): Promise<{ readonly stub: TestServiceStub; readonly sockets: readonly Socket[] }> {
  const { address, sockets } = await startTcpServer((socket) => {
    const connection: FrameConnection = { socket, send: (frame) => socket.write(encode(frame)) };
    connection.send({ type: FrameType.SETTINGS });
    let received = Buffer.alloc(0);
    let preface = 24;
    socket.on("data", (chunk) => {
      received = Buffer.concat([received, chunk]);
      const skipped = Math.min(preface, received.length);
      preface -= skipped;
      received = received.subarray(skipped);
      for (let frame = first(received); frame !== undefined; frame = first(received)) {
        received = received.subarray(9 + frame.payload.length);
        const isAck = frame.flags === 1;
        if (frame.type === FrameType.SETTINGS && !isAck) connection.send({ type: FrameType.SETTINGS, flags: 1 });
        onFrame(frame, connection);
      }
    });
  });
  return { stub: connect(address), sockets };
}

/** The headers of a gRPC response, in HPACK: an indexed field and a literal with an indexed name (RFC 7541). */
export const grpcHeaders: Http2Frame = {
  type: FrameType.HEADERS,
  flags: 4, // END_HEADERS
  payload: [0x88, 0x5f, 16, ...new TextEncoder().encode("application/grpc")],
};

/** The payload of a GOAWAY. */
export function goawayPayload(lastStream: number, code: number): readonly number[] {
  return [0, 0, 0, lastStream, 0, 0, 0, code];
}

function encode({ type, flags = 0, stream = 0, payload = [] }: Http2Frame): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, Uint8Array.from(payload)]);
}

function first(bytes: Buffer): Required<Http2Frame> | undefined {
  if (bytes.length < 9) return undefined;
  const length = bytes.readUIntBE(0, 3);
  if (bytes.length < 9 + length) return undefined;
  const [type = 0, flags = 0] = bytes.subarray(3);
  return { type, flags, stream: bytes.readUInt32BE(5), payload: [...bytes.subarray(9, 9 + length)] };
}
