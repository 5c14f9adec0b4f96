import type { Http2Frame } from "../frames/frame.js";
import type { FrameConnection } from "../frames/frame-connection.js";
import { goaway, reset } from "../frames/frames.js";

/** How a peer leaves a conversation. */
export interface Ending {
  readonly name: string;
  /** The code of a reset of the stream; `undefined` where the whole connection ends. */
  readonly resetCode: number | undefined;
  /** Frames, which can go out with those before them in one packet. A GOAWAY names the last stream of its receiver. */
  readonly frames: (stream: number, lastStream: number) => readonly Http2Frame[];
  /** What follows the frames. */
  readonly finish: (connection: FrameConnection) => void;
  /**
   * When it comes: later, when the peer has read everything before it, or also together with that, in one packet. A TCP
   * reset would overtake what the peer has not read yet, and of the codes without a meaning of their own one will do.
   */
  readonly later: readonly boolean[];
}

/** The error codes of HTTP/2, and one that does not exist. */
export const resetCodes = [...Array(14).keys(), 0xabcdef];

const both = [false, true];
const stay = () => {};
const end = ({ socket }: FrameConnection) => void socket.end();
const resetConnection = ({ socket }: FrameConnection) => void socket.resetAndDestroy();

/** All endings, those of a stream before those of a connection. */
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
