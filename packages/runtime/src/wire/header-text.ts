import { tryOrUndefined } from "../core/try-or-undefined.js";

// gRPC headers are ASCII, but some peers and proxies send UTF-8 as it is. node:http2 has one character (U+0000 to
// U+00FF) for each byte of a header, in both directions.

/** The text of a header that should be UTF-8. Bytes that are not become U+FFFD. */
export function decodeText(header: string): string {
  return isAscii(header) ? header : lenient.decode(bytesOf(header));
}

/** The text of a header if it is UTF-8; otherwise the header as node:http2 presents it. */
export function decodeIfText(header: string): string {
  return isAscii(header) ? header : (tryOrUndefined(() => strict.decode(bytesOf(header))) ?? header);
}

/** A text as the header that {@link decodeText} reads. */
export function encodeText(text: string): string {
  return isAscii(text) ? text : Array.from(encoder.encode(text), (byte) => String.fromCharCode(byte)).join("");
}

// Stryker disable next-line BlockStatement: saves time, as ASCII is decoded and encoded to itself
function isAscii(text: string): boolean {
  return !/[\u0080-\uffff]/.test(text);
}

function bytesOf(header: string): Uint8Array {
  const bytes = new Uint8Array(header.length);
  // Stryker disable next-line EqualityOperator: a Uint8Array ignores what is written after its end
  for (let i = 0; i < header.length; i++) bytes[i] = header.charCodeAt(i);
  return bytes;
}

const lenient = new TextDecoder("utf-8", { ignoreBOM: true });
const strict = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });
const encoder = new TextEncoder();
