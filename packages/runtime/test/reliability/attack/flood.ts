import { setTimeout as sleep } from "node:timers/promises";
import type { Http2Frame } from "../../frames/frame.js";
import { encodeFrames } from "../../frames/frame.js";
import { FrameConnection } from "../../frames/frame-connection.js";
import { settings } from "../../frames/frames.js";
import { ATTACK_MS } from "./attack.js";

/** The pause after a connection was lost, or while the server does not read, in milliseconds. */
const PAUSE_MS = 10;

/** A flood of frames on some connections. Each one that the server closes is replaced. */
export interface Flood {
  /** Default: 4. */
  readonly connections?: number;
  /** Sent first on each connection, after the settings. */
  readonly first?: readonly Http2Frame[];
  /** The frames of a batch. @param index counts the batches of a connection from 0. @returns `undefined` after the last */
  readonly batch: (index: number) => readonly Http2Frame[] | undefined;
  /** What a batch contains, for the table. */
  readonly unit: string;
  readonly unitsPerBatch: number;
  /** Whether the attacker waits until the server has read a batch. Default: only until the system has taken it. */
  readonly waits?: boolean;
  /** Whether the attacker reads nothing. Default: false. */
  readonly silent?: boolean;
}

/** Runs a flood. @returns what was sent, as text */
export async function flood(port: number, plan: Flood): Promise<string> {
  const end = performance.now() + ATTACK_MS;
  let batches = 0;
  let opened = 0;
  const attackOnce = async () => {
    const connection = await FrameConnection.connect(port);
    opened += 1;
    connection.send(settings(), ...(plan.first ?? []));
    if (plan.silent) connection.socket.pause();
    const isOver = () => !connection.socket.writable || performance.now() >= end;
    for (let index = 0; !isOver(); index++) {
      const frames = plan.batch(index);
      if (frames === undefined) break;
      await take(connection, encodeFrames(frames), end);
      if (plan.waits) await Promise.race([connection.roundTrip(), sleep(end - performance.now())]);
      batches += 1;
    }
    // After the last batch the streams stay open.
    while (!isOver()) await sleep(PAUSE_MS);
    connection.socket.destroy();
    await sleep(PAUSE_MS);
  };
  const attacker = async () => {
    while (performance.now() < end) await attackOnce();
  };
  await Promise.all(Array.from({ length: plan.connections ?? 4 }, attacker));
  return `${(batches * plan.unitsPerBatch).toLocaleString("en")} ${plan.unit} on ${opened} connections`;
}

/** Writes bytes, and waits until the system has taken them or it is time to end. */
async function take({ socket }: FrameConnection, bytes: Buffer, end: number): Promise<void> {
  if (socket.write(bytes)) {
    // Lets the event loop read what has arrived.
    await new Promise((resolve) => setImmediate(resolve));
    return;
  }
  while (socket.writableNeedDrain && socket.writable && performance.now() < end) await sleep(1);
}
