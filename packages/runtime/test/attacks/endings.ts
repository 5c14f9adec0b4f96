import type { Http2Frame } from "../frames/frame.js";
import type { FrameConnection } from "../frames/frame-connection.js";
import { goaway, reset } from "../frames/frames.js";

/** How a peer ends a conversation: by resetting the stream, or by closing the connection. */
export interface Ending {
  readonly name: string;
  /** The code of the reset of the stream; `undefined` if the whole connection ends. */
  readonly resetCode: number | undefined;
  /** Frames, which may share a packet with the frames before them. `lastStream` is for a GOAWAY. */
  readonly frames: (stream: number, lastStream: number) => readonly Http2Frame[];
  /** Called after the frames have been sent. */
  readonly finish: (connection: FrameConnection) => void;
  /**
   * When to end: after the peer has read everything before (true), in the same packet as that (false), or both in
   * turn. A TCP reset is only sent later, since it discards data that the peer has not read. Of the codes without a
   * special meaning, only one is also sent in the same packet.
   */
  readonly later: readonly boolean[];
}

/** The error codes of HTTP/2, and one that does not exist. */
export const resetCodes = [...Array(14).keys(), 0xabcdef];

const both = [false, true];
const stay = () => {};
const end = ({ socket }: FrameConnection) => void socket.end();
const resetConnection = ({ socket }: FrameConnection) => void socket.resetAndDestroy();

/** All endings: first those of a stream, then those of a connection. */
export const endings: readonly Ending[] = [
  ...resetCodes.map((code) => ({
    name: `RST_STREAM(${code})`,
    resetCode: code,
    frames: (stream: number) => [reset(stream, code)],
    finish: stay,
    later: [0, 2, 8].includes(code) ? both : [true],
  })),
  ...[0, 2, 11].map((code) => ({
    name: `GOAWAY(${code}) and FIN`,
    resetCode: undefined,
    frames: (_stream: number, lastStream: number) => [goaway(lastStream, code)],
    finish: end,
    later: both,
  })),
  { name: "FIN", resetCode: undefined, frames: () => [], finish: end, later: both },
  { name: "TCP reset", resetCode: undefined, frames: () => [], finish: resetConnection, later: [true] },
];
