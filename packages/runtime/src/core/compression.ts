import { processWide } from "./process-wide.js";

/**
 * How messages are compressed on the wire: not at all (`"identity"`), or each
 * message separately with gzip or deflate (zlib).
 *
 * @see https://github.com/grpc/grpc/blob/master/doc/compression.md
 */
export type Compression = "identity" | "gzip" | "deflate";

/** The compressions that this library can read and write. */
export const compressions: readonly Compression[] = ["identity", "gzip", "deflate"];

/** Whether `name` is a supported compression. */
export function isCompression(name: string): name is Compression {
  return (compressions as readonly string[]).includes(name);
}

/**
 * Whether a received message was compressed on the wire, according to its
 * compressed flag: a request that a handler gets, or a response.
 *
 * @see https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#requests (Compressed-Flag)
 */
export function wasCompressed(message: object): boolean {
  return compressed().has(message);
}

/** Makes `wasCompressed()` true for a message. Transports call it for messages that arrive compressed. */
export function markCompressed<M extends object>(message: M): M {
  compressed().add(message);
  return message;
}

/** The received messages that were compressed. */
const compressed = processWide("compressed/1", () => new WeakSet<object>());

/** Checks a compression option. @throws TypeError if the compression is not supported */
export function checkCompression(option: Compression | undefined): Compression | undefined {
  if (option === undefined || isCompression(option)) return option;
  throw new TypeError(`No such compression: ${option}. Use one of ${compressions.join(", ")}.`);
}
