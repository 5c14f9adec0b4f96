import { decodeText } from "./header-text.js";

/**
 * Encodes a status message for the `grpc-message` header: UTF-8, with
 * everything outside printable ASCII, and `%`, as `%XX`.
 *
 * A leading or trailing space is encoded too, since node:http2 drops a header
 * whose value begins or ends with one. Lone surrogates become U+FFFD.
 *
 * @see https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#responses (Status-Message)
 */
export function formatStatusMessage(message: string): string {
  // Stryker disable next-line ConditionalExpression: most messages are plain; going through their bytes takes longer
  if (plain.test(message)) return message;
  let text = "";
  for (const byte of encoder.encode(message)) {
    text += byte >= 0x20 && byte <= 0x7e && byte !== 0x25 ? String.fromCharCode(byte) : percent(byte);
  }
  return text.replace(/^ | $/g, "%20");
}

/**
 * Decodes a `grpc-message`. Never throws: invalid escapes stay as they are, invalid UTF-8 becomes U+FFFD.
 *
 * Escapes stand for bytes. So do other characters, since some servers send UTF-8 without escapes. The bytes are decoded
 * together.
 */
export function parseStatusMessage(header: string): string {
  return decodeText(
    header.replace(/%([0-9a-f]{2})/gi, (_escape, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
  );
}

const plain = /^(?:[!-$&-~](?:[ -$&-~]*[!-$&-~])?)?$/;
const encoder = new TextEncoder();

function percent(byte: number): string {
  return `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
}
