import { type Compression, compressions, isCompression } from "../core/compression.js";
import { headerValue, type RawHeaders } from "./headers.js";

/**
 * The `grpc-accept-encoding` of this library.
 *
 * @see https://github.com/grpc/grpc/blob/master/doc/compression.md
 */
export const ACCEPT_ENCODING: string = compressions.join(",");

/** The compression of messages that the headers declare, or the name of one that this library does not support. */
export function parseEncoding(
  raw: RawHeaders,
):
  | { readonly encoding: Compression; readonly unknown?: undefined }
  | { readonly encoding?: undefined; readonly unknown: string } {
  const name = headerValue(raw, "grpc-encoding") ?? "identity";
  return isCompression(name) ? { encoding: name } : { unknown: name };
}

/** The `grpc-accept-encoding` of a peer. */
export function acceptEncoding(raw: RawHeaders): string {
  // Stryker disable next-line StringLiteral: any text that lists no compression would do
  return headerValue(raw, "grpc-accept-encoding") ?? "";
}

/** Whether a peer with this `grpc-accept-encoding` accepts messages in this compression. */
export function acceptsEncoding(accepted: string, compression: Compression): boolean {
  return compression === "identity" || accepted.split(",").some((name) => name.trim() === compression);
}
