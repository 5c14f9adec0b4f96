import { onTestFinished } from "vitest";
import { FrameType, type ReceivedFrame } from "../frames/frame.js";
import { FrameConnection } from "../frames/frame-connection.js";
import { settings } from "../frames/frames.js";

/** A GOAWAY that a client has received. */
export interface Goodbye {
  readonly lastStream: number;
  readonly code: number;
  readonly reason: string;
}

/** What the server sends first, to ask a client to open no more streams. */
export function firstGoodbye(reason: string): Goodbye {
  return { lastStream: 2 ** 31 - 1, code: 0, reason };
}

/** A client that speaks HTTP/2, and remembers how the server says goodbye. */
export async function connectClient(
  port: number,
  onGoodbye: (connection: FrameConnection) => void = () => {},
): Promise<{ readonly connection: FrameConnection; readonly goodbyes: readonly Goodbye[] }> {
  const goodbyes: Goodbye[] = [];
  const onFrame = ({ type, payload }: ReceivedFrame) => {
    if (type !== FrameType.GOAWAY) return;
    const bytes = Buffer.from(payload);
    goodbyes.push({
      lastStream: bytes.readUInt32BE(0),
      code: bytes.readUInt32BE(4),
      reason: bytes.toString("latin1", 8),
    });
    if (goodbyes.length === 1) onGoodbye(connection);
  };
  const connection: FrameConnection = await FrameConnection.connect(port, undefined, onFrame);
  onTestFinished(() => void connection.socket.destroy());
  connection.send(settings());
  await connection.roundTrip();
  return { connection, goodbyes };
}
