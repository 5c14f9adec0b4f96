/**
 * How messages are compressed on the wire: not at all, or each by itself with
 * gzip or deflate (zlib).
 *
 * @see https://github.com/grpc/grpc/blob/master/doc/compression.md
 */
export type Compression = "identity" | "gzip" | "deflate";

/** All that this library can read. */
export const compressions: readonly Compression[] = ["identity", "gzip", "deflate"];

/** Whether a name is that of a compression. */
export function isCompression(name: string): name is Compression {
  return (compressions as readonly string[]).includes(name);
}

/** Checks an option. @throws TypeError if there is no such compression */
export function checkCompression(option: Compression | undefined): Compression | undefined {
  if (option === undefined || isCompression(option)) return option;
  throw new TypeError(`No such compression: ${option}. Use one of ${compressions.join(", ")}.`);
}
