import { Status } from "../../src/index.js";
import type { Kind } from "../calls/kinds.js";
import type { Http2Frame } from "../frames/frame.js";
import { data, headers } from "../frames/frames.js";
import { responseFields, responseMessage, trailerFields } from "../frames/grpc.js";

/** The part of a response that a server sends before it ends the call. */
export interface ResponsePrefix {
  readonly name: string;
  readonly frames: (stream: number) => readonly Http2Frame[];
  /** The number of complete messages. */
  readonly messages: number;
  /** The statuses that these frames alone may lead to. Default: the ending determines the status. */
  readonly settled?: (kind: Kind) => readonly Status[];
  /**
   * Whether the response ends without a status. Then the status is UNKNOWN, or that of the ending
   * if it arrives in time.
   */
  readonly lacksStatus?: boolean;
}

const message = responseMessage({ data: new Uint8Array(100) });
const half = message.subarray(0, 50);
const empty = responseMessage();
const ok = trailerFields(Status.OK);

function begun(name: string, messages: number, ...body: readonly Uint8Array[]): ResponsePrefix {
  const frames = (stream: number) => [headers(stream, responseFields), ...body.map((bytes) => data(stream, bytes))];
  const single = { settled: (kind: Kind) => (isSingle(kind) ? [Status.UNIMPLEMENTED] : []) };
  return { name, frames, messages, ...(messages > 1 && single) };
}

function ended(prefix: ResponsePrefix, status: (kind: Kind) => readonly Status[], last = ok): ResponsePrefix {
  const frames = (stream: number) => [...prefix.frames(stream), headers(stream, last, { endStream: true })];
  return { ...prefix, name: `${prefix.name}, trailers`, frames, settled: status };
}

function isSingle(kind: Kind): boolean {
  return kind === "unary" || kind === "clientStream";
}

/** Every point of a response at which a server can end the call. */
export const responsePrefixes: readonly ResponsePrefix[] = [
  { name: "nothing", frames: () => [], messages: 0 },
  begun("headers", 0),
  begun("2 bytes of a prefix", 0, message.subarray(0, 2)),
  begun("a prefix", 0, message.subarray(0, 5)),
  begun("a part of a message", 0, half),
  begun("a message", 1, message),
  begun("a message and a part", 1, message, half),
  begun("three messages", 3, message, message, message),
  begun("600 empty messages", 600, Buffer.concat(Array<Buffer>(600).fill(empty))),
  begun("100 empty messages in frames of their own", 100, ...Array<Buffer>(100).fill(empty)),
  ended(begun("a message", 1, message), () => [Status.OK]),
  ended(begun("three messages", 3, message, message, message), (kind) =>
    isSingle(kind) ? [Status.UNIMPLEMENTED] : [Status.OK],
  ),
  ended(begun("a part of a message", 0, half), () => [Status.INTERNAL]),
  ended(begun("headers", 0), () => [Status.NOT_FOUND], trailerFields(Status.NOT_FOUND)),
  {
    name: "trailers only",
    frames: (stream) => [headers(stream, [...responseFields, ...trailerFields(Status.ABORTED)], { endStream: true })],
    messages: 0,
    settled: () => [Status.ABORTED],
  },
  {
    name: "a message, END_STREAM",
    frames: (stream) => [headers(stream, responseFields), data(stream, message, { endStream: true })],
    messages: 1,
    lacksStatus: true,
  },
];
