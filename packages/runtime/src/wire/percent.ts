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
  if (plain.test(message)) return message;
  let text = "";
  for (const byte of encoder.encode(message)) {
    text += byte >= 0x20 && byte <= 0x7e && byte !== 0x25 ? String.fromCharCode(byte) : percent(byte);
  }
  return text.replace(/^ | $/g, "%20");
}

/** Decodes a `grpc-message`. Never throws: invalid escapes stay as they are, invalid UTF-8 becomes U+FFFD. */
export function parseStatusMessage(text: string): string {
  if (!text.includes("%")) return text;
  return text.replace(/(?:%[0-9a-fA-F]{2})+/g, (escapes) => {
    const bytes = escapes
      .slice(1)
      .split("%")
      .map((hex) => Number.parseInt(hex, 16));
    return decoder.decode(Uint8Array.from(bytes));
  });
}

const plain = /^(?:[!-$&-~](?:[ -$&-~]*[!-$&-~])?)?$/;
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

function percent(byte: number): string {
  return `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
}
