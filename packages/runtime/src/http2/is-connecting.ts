import type { Socket } from "node:net";
import type { Duplex } from "node:stream";

/** Whether a stream is a socket that has not connected yet. */
export function isConnecting(stream: Duplex): boolean {
  return (stream as Partial<Socket>).connecting === true;
}
