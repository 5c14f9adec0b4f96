import { encodeFrame, encodeFrames, Flag, FrameType, type Http2Frame } from "../frames/frame.js";
import { data, headers, reset, settings } from "../frames/frames.js";
import { type Random, seeded } from "../random.js";
import { oddBody } from "./body.js";
import { below, happens } from "./chance.js";
import { connectionFrame } from "./connection-frame.js";
import { oddRequest, oddResponse, oddTrailers } from "./fields.js";
import { mutate } from "./mutate.js";
import { describeFrame } from "./print.js";

/** The side that is attacked. */
export type Side = "server" | "client";

/** One step of an attacker. */
export interface Step {
  /** A description of the step. */
  readonly text: string;
  /** The bytes to send; `undefined` to wait until the victim has read everything sent before. */
  readonly bytes: Buffer | undefined;
}

/** A connection with several conversations, one on each stream. */
export interface Session {
  /** The number of the session in the sequence that the seed determines. */
  readonly index: number;
  readonly conversations: number;
  readonly steps: readonly Step[];
  /** Whether it may violate HTTP/2, which ends the connection. */
  readonly rough: boolean;
}

/** The maximum bytes of bodies in a session that is not rough: less than the initial window of a connection. */
const WINDOW_BYTES = 60_000;
/** The default maximum payload of a frame. */
const MAX_FRAME_BYTES = 16_384;
/** The probability that a session is rough. */
const ROUGH = 0.25;

/** Creates the session with this number. For a given seed it is always the same. */
export function makeSession(side: Side, seed: number, index: number): Session {
  const random = seeded(Math.imul(seed, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b));
  const rough = happens(random, ROUGH);
  // A violation ends the connection and thus all conversations on it.
  const conversations = 1 + below(random, rough ? 8 : 40);
  const frames = interleave(
    random,
    Array.from({ length: conversations }, (_, n) => conversation(random, side, 2 * n + 1)),
  );
  const steps: Step[] = [{ text: "SETTINGS", bytes: encodeFrame(settings()) }];
  for (const frame of withinWindow(frames, rough)) {
    if (happens(random, 0.03)) steps.push(step(connectionFrame(random, rough)));
    if (happens(random, 0.02)) steps.push({ text: "wait until everything has been read", bytes: undefined });
    steps.push(...(rough && happens(random, 0.1) ? mutate(random, frame) : [step(frame)]));
  }
  return { index, conversations, steps, rough };
}

function step(frame: Http2Frame): Step {
  return { text: describeFrame(frame), bytes: encodeFrames(inParts(frame)) };
}

/** Splits a header block that is too long for one frame. No other frame may come between its parts. */
function inParts(frame: Http2Frame): Http2Frame[] {
  const { type, flags = 0, stream = 0, payload = new Uint8Array(0) } = frame;
  if (type !== FrameType.HEADERS || payload.length <= MAX_FRAME_BYTES) return [frame];
  const count = Math.ceil(payload.length / MAX_FRAME_BYTES);
  return Array.from({ length: count }, (_, index) => ({
    type: index === 0 ? FrameType.HEADERS : FrameType.CONTINUATION,
    flags: (index === 0 ? flags & Flag.END_STREAM : 0) | (index === count - 1 ? Flag.END_HEADERS : 0),
    stream,
    payload: payload.subarray(index * MAX_FRAME_BYTES, (index + 1) * MAX_FRAME_BYTES),
  }));
}

/** The frames of one stream. */
function conversation(random: Random, side: Side, stream: number): Http2Frame[] {
  const opening = side === "server" ? oddRequest(random) : oddResponse(random);
  const body = oddBody(random);
  const ends = happens(random, 0.6);
  // Clients usually end with the body and servers with trailers, but either may do the opposite.
  const trailers = happens(random, side === "server" ? 0.03 : 0.9);
  const endStream = ends && !trailers;
  const frames = [
    headers(stream, opening, { endStream: endStream && body.length === 0 }),
    ...body.map((bytes, index) => data(stream, bytes, { endStream: endStream && index === body.length - 1 })),
  ];
  if (ends && trailers) frames.push(headers(stream, oddTrailers(random), { endStream: true }));
  if (happens(random, ends ? 0.2 : 0.7)) frames.push(reset(stream, happens(random, 0.4) ? 0 : below(random, 15)));
  return frames;
}

/** Merges the frames of all streams. The frames of each stream stay in order, and the streams are opened in order. */
function interleave(random: Random, streams: readonly Http2Frame[][]): Http2Frame[] {
  const result: Http2Frame[] = [];
  let opened = 0;
  const open: Http2Frame[][] = [];
  while (opened < streams.length || open.length > 0) {
    if (opened < streams.length && (open.length === 0 || happens(random, 0.4))) open.push(streams[opened++] ?? []);
    const at = below(random, open.length);
    const frame = open[at]?.shift();
    if (frame === undefined) open.splice(at, 1);
    else result.push(frame);
  }
  return result;
}

function withinWindow(frames: readonly Http2Frame[], rough: boolean): readonly Http2Frame[] {
  let sent = 0;
  return frames.filter(({ type, payload }) => {
    if (type !== FrameType.DATA || rough) return true;
    const fits = sent + (payload?.length ?? 0) <= WINDOW_BYTES;
    if (fits) sent += payload?.length ?? 0;
    return fits;
  });
}
