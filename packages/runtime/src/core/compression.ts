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

/** Checks a compression option. @throws TypeError if the compression is not supported */
export function checkCompression(option: Compression | undefined): Compression | undefined {
  if (option === undefined || isCompression(option)) return option;
  throw new TypeError(`No such compression: ${option}. Use one of ${compressions.join(", ")}.`);
}
