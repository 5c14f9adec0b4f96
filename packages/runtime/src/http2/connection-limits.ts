/**
 * Bytes that a peer may have under way on a connection. Up to Node 25 a session
 * does not read while a write of its own is pending: where more is under way in
 * both directions than the buffers of the sockets hold, both sides wait for ever.
 */
export const CONNECTION_WINDOW_BYTES: number =
  Number.parseInt(process.versions.node, 10) >= 26 ? 16 * 1024 * 1024 : 256 * 1024;

/** What Node may hold for a session: streams × window, rather than its default of 10 MB, which breaks off calls. */
export const MAX_SESSION_MEMORY_MB = 1024;

/**
 * What the large requests of one connection may take at a time, in bytes, while
 * calls work on them: those that were decompressed, and all once they are
 * decoded. More where a single message may be larger. Flow control counts what
 * was sent: that can grow 1,000-fold when it is decompressed, and 60-fold when it
 * is decoded.
 */
export const DECOMPRESSED_BYTES: number = 64 * 1024 * 1024;
export const DECODED_BYTES: number = 256 * 1024 * 1024;

/** HTTP/2 settings that both sides advertise, with the window of each stream. */
export function settings(windowBytes: number): {
  readonly enablePush: false;
  readonly initialWindowSize: number;
  readonly maxHeaderListSize: number;
} {
  return { enablePush: false, initialWindowSize: windowBytes, maxHeaderListSize: 64 * 1024 };
}
