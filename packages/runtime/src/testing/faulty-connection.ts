import type { Duplex } from "node:stream";
import { ResetCode } from "../wire/reset-code.js";
import type { FaultEffect, FaultEvent } from "./fault.js";
import { encodeFrame, Flag, type Frame, FrameSplitter, FrameType, frameOf, PREFACE_BYTES } from "./frame.js";
import { MessageCounter } from "./message-counter.js";
import { socketPair } from "./socket-pair.js";

/** A setting of HTTP/2 and its value: the server's headers must not refer to earlier ones, which a fault may drop. */
const noHeaderTable = [0, 1, 0, 0, 0, 0];

/** A header that is not base64, as HPACK encodes it: a literal that is not indexed. */
const malformedDetails = Buffer.from("\0\x17grpc-status-details-bin\x03!!!", "latin1");

/** The fault of a call that the client starts although its connection goes away. */
const tooLate: FaultEffect = { kind: "after", messages: 0, event: { kind: "go away" } };

/** A call that has a fault. */
interface FaultyCall {
  readonly fault: FaultEffect;
  readonly counter: MessageCounter | undefined;
  /** Whether the response headers have passed. */
  responding: boolean;
  /** Whether nothing of the call passes any more. */
  dead: boolean;
}

/** A connection in memory whose frames pass through faults. */
export class FaultyConnection {
  readonly client: Duplex;
  readonly server: Duplex;
  readonly #toClient: Duplex;
  readonly #toServer: Duplex;
  readonly #takeFault: () => FaultEffect | undefined;
  readonly #calls = new Map<number, FaultyCall>();
  #lastStream = 0;
  /** The last stream that the server processes, according to its GOAWAY. */
  #lastProcessed = Number.POSITIVE_INFINITY;
  #stalled = false;
  /** The first part of a header block that has further parts. */
  #headers: Frame[] = [];

  /** @param takeFault called once for each call */
  constructor(takeFault: () => FaultEffect | undefined) {
    this.#takeFault = takeFault;
    [this.client, this.#toClient] = socketPair();
    [this.server, this.#toServer] = socketPair();
    pipe(this.#toClient, this.#toServer, this.#readClient());
    const frames = new FrameSplitter();
    pipe(this.#toServer, this.#toClient, (chunk) => {
      for (const frame of frames.push(chunk)) this.#fromServer(frame);
    });
  }

  goAway(lastStream: number = this.#lastStream): void {
    // A further GOAWAY must not announce more.
    if (lastStream >= this.#lastProcessed) return;
    this.#lastProcessed = lastStream;
    this.#send(this.#toClient, frameOf(FrameType.GOAWAY, 0, lastStream, ResetCode.NO_ERROR));
  }

  stall(): void {
    this.#stalled = true;
  }

  destroy(): void {
    this.#toClient.destroy();
    this.#toServer.destroy();
  }

  #readClient(): (chunk: Buffer) => void {
    const frames = new FrameSplitter();
    let preface = PREFACE_BYTES;
    return (chunk) => {
      const skipped = Math.min(preface, chunk.length);
      preface -= skipped;
      if (skipped > 0) this.#toServer.write(chunk.subarray(0, skipped));
      for (const frame of frames.push(chunk.subarray(skipped))) this.#fromClient(frame);
    };
  }

  #fromClient(frame: Frame): void {
    const { type, flags, stream, payload } = frame;
    if (type === FrameType.SETTINGS && (flags & Flag.ACK) === 0) {
      return this.#send(this.#toServer, { ...frame, payload: Buffer.from([...payload, ...noHeaderTable]) });
    }
    // The rest of a call that has been reset. Its header block must pass, because later ones may refer to it.
    if (this.#calls.get(stream)?.dead && type === FrameType.DATA) return this.#drop(frame, this.#toClient);
    this.#send(this.#toServer, frame);
    // A fault may send frames of its own, which must not come between those of a header block.
    if (isHeaders(type) && (flags & Flag.END_HEADERS) !== 0 && stream > this.#lastStream) this.#onCall(stream);
  }

  #onCall(stream: number): void {
    this.#lastStream = stream;
    const fault = stream > this.#lastProcessed ? tooLate : this.#takeFault();
    if (fault === undefined) return;
    const messages = fault.kind === "after" ? fault.messages : 0;
    const counter = messages === 0 ? undefined : new MessageCounter(messages);
    const call = { fault, counter, responding: false, dead: false };
    this.#calls.set(stream, call);
    if (fault.kind === "after" && messages === 0) this.#happen(fault.event, stream, call, true);
  }

  #fromServer(frame: Frame): void {
    const { type, flags, stream } = frame;
    if (!isHeaders(type)) return this.#pass([frame], this.#calls.get(stream));
    this.#headers.push(frame);
    if ((flags & Flag.END_HEADERS) !== 0) this.#pass(this.#headers.splice(0), this.#calls.get(stream));
  }

  /** Sends frames of the server that belong together, unless a fault concerns them. */
  #pass(frames: readonly Frame[], call: FaultyCall | undefined): void {
    const send = (passed: readonly Frame[]) => {
      for (const frame of passed) this.#send(this.#toClient, frame);
    };
    const [first] = frames;
    if (call === undefined || first === undefined || first.type === FrameType.WINDOW_UPDATE) return send(frames);
    if (call.dead) return this.#drop(first, this.#toServer);
    const { fault } = call;
    const isTrailers = first.type === FrameType.HEADERS && (first.flags & Flag.END_STREAM) !== 0;
    if (fault.kind === "delay") setTimeout(() => send(frames), fault.milliseconds);
    else if (fault.kind === "after") this.#count(first, frames, call, fault.event);
    else if (isTrailers) send(withoutTrailers(frames, fault.kind === "drop trailers", call.responding));
    else send(frames);
    call.responding ||= first.type === FrameType.HEADERS;
  }

  #count(first: Frame, frames: readonly Frame[], call: FaultyCall, event: FaultEvent): void {
    const { payload, stream } = first;
    const length = first.type === FrameType.DATA ? call.counter?.find(payload) : undefined;
    if (length === undefined) {
      for (const frame of frames) this.#send(this.#toClient, frame);
      return;
    }
    const isGoaway = event.kind === "go away";
    this.#send(this.#toClient, isGoaway ? first : { ...first, flags: 0, payload: payload.subarray(0, length) });
    if (!isGoaway) this.#drop({ ...first, payload: payload.subarray(length) }, this.#toServer);
    this.#happen(event, stream, call, false);
  }

  #happen(event: FaultEvent, stream: number, call: FaultyCall, atStart: boolean): void {
    const { kind } = event;
    if (kind === "disconnect") return this.destroy();
    if (kind === "go away") this.goAway(atStart ? Math.max(stream - 2, 0) : undefined);
    // A call that has begun finishes on a connection that goes away.
    if (kind === "go away" && !atStart) return void this.#calls.delete(stream);
    call.dead = true;
    if (kind === "reset") this.#send(this.#toClient, frameOf(FrameType.RST_STREAM, stream, event.code));
    if (kind !== "stall") this.#send(this.#toServer, frameOf(FrameType.RST_STREAM, stream, ResetCode.CANCEL));
  }

  /** Gives its sender back the window of a frame that does not arrive. */
  #drop({ type, payload }: Frame, sender: Duplex): void {
    if (type !== FrameType.DATA || payload.length === 0) return;
    this.#send(sender, frameOf(FrameType.WINDOW_UPDATE, 0, payload.length));
  }

  #send(to: Duplex, frame: Frame): void {
    if (!this.#stalled && to.writable) to.write(encodeFrame(frame));
  }
}

function isHeaders(type: number): boolean {
  return type === FrameType.HEADERS || type === FrameType.CONTINUATION;
}

/** The frames in place of trailers that are dropped, or whose details are to be malformed. */
function withoutTrailers(frames: readonly Frame[], drop: boolean, responding: boolean): readonly Frame[] {
  const [first] = frames;
  const last = frames.at(-1);
  if (first === undefined || last === undefined) return frames;
  if (!drop) return [...frames.slice(0, -1), { ...last, payload: Buffer.concat([last.payload, malformedDetails]) }];
  const { stream } = first;
  // A response that consists of trailers has no other end.
  if (!responding) return [frameOf(FrameType.RST_STREAM, stream, ResetCode.NO_ERROR)];
  return [{ type: FrameType.DATA, flags: Flag.END_STREAM, stream, payload: new Uint8Array(0) }];
}

function pipe(from: Duplex, to: Duplex, read: (chunk: Buffer) => void): void {
  from.on("data", read);
  from.once("end", () => to.end());
  from.once("close", () => to.destroy());
}
