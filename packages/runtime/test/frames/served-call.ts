import type { Socket } from "node:net";
import type { Init } from "../../src/index.js";
import type { TestResponse } from "../gen/test/v1/test_pb.js";
import { Flag, FrameType, type Http2Frame, preface } from "./frame.js";
import { FrameConnection } from "./frame-connection.js";
import { data, headers, settings } from "./frames.js";
import { responseFields, responseMessage, trailerFields } from "./grpc.js";

/** A call that a server of single frames has received as a whole. */
export interface ServedCall {
  readonly connection: FrameConnection;
  readonly stream: number;
  /** What the client has sent after the headers. */
  readonly body: Buffer;
}

/** Serves calls on a socket with single frames. @param announced the settings of the server */
export function serveCalls(
  socket: Socket,
  onCall: (call: ServedCall) => void,
  announced: Http2Frame = settings(),
): void {
  const bodies = new Map<number, Buffer[]>();
  new FrameConnection(socket, preface.length, ({ type, flags, stream, payload }, connection) => {
    if (type !== FrameType.HEADERS && type !== FrameType.DATA) return;
    const body = bodies.get(stream) ?? [];
    bodies.set(stream, body);
    if (type === FrameType.DATA) body.push(Buffer.from(payload));
    if ((flags & Flag.END_STREAM) === 0) return;
    bodies.delete(stream);
    onCall({ connection, stream, body: Buffer.concat(body) });
  }).send(announced);
}

/** Answers a call with one message and the status OK. */
export function answer({ connection, stream }: Omit<ServedCall, "body">, response: Init<TestResponse> = {}): void {
  connection.send(
    headers(stream, responseFields),
    data(stream, responseMessage(response)),
    headers(stream, trailerFields(0), { endStream: true }),
  );
}
