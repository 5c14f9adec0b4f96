import { writeSync } from "node:fs";
import type { Duplex } from "node:stream";

/** The type of the frame. */
const GOAWAY = 7;

/** The highest stream number of a client. */
export const LAST_STREAM: number = 2 ** 31 - 1;

/**
 * Sends a GOAWAY that asks a client to open no more streams, and goes on accepting
 * those that are on their way. nghttp2 has a function for that
 * (`nghttp2_submit_shutdown_notice`), but after `session.goaway()` of node:http2 it
 * ignores new streams (Node 20 to 26).
 *
 * So this writes the frame to the file descriptor, past Node: the completion of a
 * write to the socket would abort the process, as the connection takes it for one of
 * its own. Node writes whole frames. If nothing waits to be written, this is between two.
 *
 * @returns whether it was sent. It is not if the connection uses TLS or a stream of
 * another kind, if data waits because the client does not read, or on Windows.
 * @throws Error if only a part could be written
 */
export function sendFirstGoaway(socket: Duplex, reason: string): boolean {
  const { _handle: handle } = socket as { _handle?: { readonly fd?: number; readonly writeQueueSize?: number } | null };
  if (handle?.fd === undefined || handle.fd < 0 || handle.writeQueueSize !== 0) return false;
  const frame = Buffer.alloc(17 + reason.length);
  frame.writeUIntBE(8 + reason.length, 0, 3);
  frame.writeUInt8(GOAWAY, 3);
  frame.writeUInt32BE(LAST_STREAM, 9);
  frame.write(reason, 17, "latin1");
  let written = 0;
  try {
    written = writeSync(handle.fd, frame);
  } catch {
    // The buffer of the socket is full, or the client has disconnected.
    return false;
  }
  if (written < frame.length) throw new Error("The client does not read");
  return true;
}
