import type { Socket } from "node:net";
import { encodeFrames, Flag, FrameType, type Http2Frame } from "../frames/frame.js";
import { data, headers, ping, Setting, settings, settingsAck, windowUpdate } from "../frames/frames.js";
import { responseFields } from "../frames/grpc.js";
import { answer, serveCalls } from "../frames/served-call.js";

/** What breaks HTTP/2, for a client whose stream 1 is over, and whose stream 3 may be open. */
export const violations: Record<string, Uint8Array> = {
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

/** What breaks HTTP/2 in the handshake, where a server has to send its settings first. */
export const handshakeViolations: Record<string, Uint8Array> = {
  ...violations,
  "no settings": frame(ping(1)),
  "settings on a stream": frame({ ...settings(), stream: 1 }),
  "settings that acknowledge": frame(settingsAck),
  "settings of five bytes": frame({ ...settings(), payload: Buffer.alloc(5) }),
  "settings with a window of 4 GiB": frame(settings({ [Setting.INITIAL_WINDOW_SIZE]: 0xffff_ffff })),
  "settings with frames of one byte": frame(settings({ 5: 1 })),
};

/** How a server breaks HTTP/2. */
export interface Breach {
  readonly violation: Uint8Array;
  /** `handshake`: instead of its settings. `idle`: soon after the first call. `call`: instead of answering the second one. */
  readonly during: "handshake" | "idle" | "call";
  /** Whether it ends the connection, too. */
  readonly closes: boolean;
}

/** The time after the first answer at which a server breaks HTTP/2 on an idle connection, in milliseconds. */
export const IDLE_MS = 20;

/**
 * Serves connections. Breaks HTTP/2 on the first, and answers all other calls with
 * the number of their connection.
 */
export function breaking({ violation, during, closes }: Breach): (socket: Socket, number: number) => void {
  return (socket, number) => {
    const breach = () => {
      if (!socket.writable) return;
      socket.write(violation);
      if (closes) socket.end();
    };
    if (number === 1 && during === "handshake") return breach();
    serveCalls(socket, (call) => {
      if (number === 1 && during === "call" && call.stream === 3) return breach();
      answer(call, { text: String(number) });
      if (number === 1 && during === "idle") setTimeout(breach, IDLE_MS);
    });
  };
}
