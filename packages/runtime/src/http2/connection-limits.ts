/**
 * The flow-control window of a connection: bytes that a peer may have in flight.
 *
 * It is small up to Node 25, where a session does not read while one of its
 * writes is pending: if both sides send more than the socket buffers hold, they
 * deadlock.
 */
export const CONNECTION_WINDOW_BYTES: number =
  Number.parseInt(process.versions.node, 10) >= 26 ? 16 * 1024 * 1024 : 256 * 1024;

/**
 * The memory that Node may use for a session. It must hold all streams times
 * their windows: with Node's default of 10 MB, calls fail.
 */
export const MAX_SESSION_MEMORY_MB = 1024;

/**
 * The memory in bytes that the large requests of one connection may use at a
 * time: for decompressed messages, and for all decoded messages. Both limits
 * are raised if a single message may be larger. The first number also limits
 * what all connections together decompress at a time.
 *
 * Flow control alone is not enough because it counts the bytes sent, which can
 * grow 1,000-fold on decompression and 60-fold on decoding.
 */
export const DECOMPRESSED_BYTES: number = 64 * 1024 * 1024;
export const DECODED_BYTES: number = 256 * 1024 * 1024;

/** The largest header block of a request that servers accept by default, in bytes as HTTP/2 counts them. */
export const MAX_HEADER_BYTES: number = 64 * 1024;

/**
 * The largest header block of a response that channels accept. Servers built on
 * node:http2 send larger ones than they are told. More than 144 KiB as they are
 * sent (a HEADERS frame and eight CONTINUATION frames) is an error of the connection
 * for Node.
 */
export const MAX_RESPONSE_HEADER_BYTES: number = 128 * 1024;

/** The largest number in a setting of HTTP/2. */
const MAX_SETTING = 2 ** 32 - 1;

/** HTTP/2 counts 32 bytes for each header in addition to its name and value. */
const HEADER_OVERHEAD_BYTES = 32;

/** The HTTP/2 settings that both sides advertise. `windowBytes` is the window of each stream. */
export function settings(
  windowBytes: number,
  maxHeaderBytes: number,
): {
  readonly enablePush: false;
  readonly initialWindowSize: number;
  readonly maxHeaderListSize: number;
} {
  const maxHeaderListSize = Math.min(Math.floor(maxHeaderBytes), MAX_SETTING);
  return { enablePush: false, initialWindowSize: windowBytes, maxHeaderListSize };
}

/**
 * Options of node:http2 that leave the limits of headers to the settings of both
 * sides. Its defaults are 128 received headers, and a sent block of 64 KiB.
 */
export function headerLimits(maxHeaderBytes: number): {
  readonly maxHeaderListPairs: number;
  readonly maxSendHeaderBlockLength: number;
} {
  return {
    maxHeaderListPairs: Math.ceil(Math.min(maxHeaderBytes, MAX_SETTING) / HEADER_OVERHEAD_BYTES),
    maxSendHeaderBlockLength: MAX_SETTING,
  };
}
