import type { Http2Session, Settings } from "node:http2";

/** A message that is larger is refused, before it is buffered. */
export const MAX_RECEIVE_MESSAGE_BYTES: number = 4 * 1024 * 1024;

/**
 * Bytes that a peer may have under way on a connection. Up to Node 25 a session
 * does not read while a write of its own is pending: where more is under way in
 * both directions than the buffers of the sockets hold, both sides wait for ever.
 */
const CONNECTION_WINDOW_BYTES = Number.parseInt(process.versions.node, 10) >= 26 ? 16 * 1024 * 1024 : 256 * 1024;

/** What Node may hold for a session: streams × window, rather than its default of 10 MB, which breaks off calls. */
export const MAX_SESSION_MEMORY_MB = 1024;

/** HTTP/2 settings that both sides advertise, with the window of each stream. */
export function settings(windowBytes: number): Settings {
  return { enablePush: false, initialWindowSize: windowBytes, maxHeaderListSize: 64 * 1024 };
}

/** Makes the window of a connection larger than the 64 KiB of HTTP/2. Call it once the session is connected. */
export function widenConnection(session: Http2Session): void {
  if (!session.destroyed) session.setLocalWindowSize(CONNECTION_WINDOW_BYTES);
}
