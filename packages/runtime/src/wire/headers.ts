import { base64Decode } from "@bufbuild/protobuf/wire";
import {
  isBinaryKey,
  isReservedKey,
  type Metadata,
  type MetadataEntries,
  receivedMetadata,
  type UnparsedEntries,
} from "../core/metadata.js";
import { decodeIfText, encodeText } from "./header-text.js";
import { singleValueHeaders } from "./single-value.js";

/**
 * Headers to send, by name; a repeated header has several values. Create it
 * without a prototype, because metadata may have keys like `constructor`.
 */
export type OutgoingHeaders = Record<string, string | string[]>;

/** Received headers as node:http2 lists them: names and values alternate. */
export type RawHeaders = readonly string[];

/** An item of a list whose index is in range. TypeScript does not know that it is. */
function at(list: RawHeaders, index: number): string {
  // Stryker disable next-line StringLiteral: no index is out of range
  return list[index] ?? "";
}

/** Adds metadata to headers, except `user-agent`: received metadata may be forwarded, but not its user agent. */
export function addMetadata(headers: OutgoingHeaders, metadata: Metadata | undefined): void {
  for (const [key, value] of metadata ?? []) {
    if (key === "user-agent") continue;
    const text = typeof value === "string" ? encodeText(value) : formatBinary(value);
    const present = headers[key];
    if (present === undefined) headers[key] = text;
    else if (singleValueHeaders.has(key)) headers[key] = `${present}, ${text}`;
    else if (Array.isArray(present)) present.push(text);
    else headers[key] = [present, text];
  }
}

/** The metadata among received headers, parsed on first access. Binary values that are not base64 are left out. */
export function metadataOf(raw: RawHeaders): Metadata {
  // Keep only metadata, so that a long call does not hold the other headers in memory.
  const kept: string[] = [];
  // Stryker disable next-line EqualityOperator: the length is even
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const key = at(raw, i);
    if (isMetadataKey(key)) kept.push(key, at(raw, i + 1));
  }
  // Stryker disable next-line ConditionalExpression: saves an object
  return receivedMetadata(kept.length === 0 ? [] : new ReceivedEntries(kept));
}

class ReceivedEntries implements UnparsedEntries {
  readonly #raw: RawHeaders;

  constructor(raw: RawHeaders) {
    // An array that has grown has spare capacity. A copy does not.
    this.#raw = raw.slice();
  }

  parse(): MetadataEntries {
    const entries: MetadataEntries = [];
    // Stryker disable next-line EqualityOperator: the length is even
    for (let i = 0; i + 1 < this.#raw.length; i += 2) {
      const key = at(this.#raw, i);
      const value = at(this.#raw, i + 1);
      if (!isBinaryKey(key)) entries.push([key, decodeIfText(value)]);
      else for (const bytes of parseBinary(value) ?? []) entries.push([key, bytes]);
    }
    return entries;
  }
}

/** The first `-bin` key of the metadata whose value is not base64. */
export function malformedKey(raw: RawHeaders): string | undefined {
  // Stryker disable next-line EqualityOperator,ArithmeticOperator: after the end, no key is malformed
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const key = at(raw, i);
    if (isBinaryKey(key) && isMetadataKey(key) && parseBinary(at(raw, i + 1)) === undefined) return key;
  }
  return undefined;
}

function isMetadataKey(key: string): boolean {
  return key === "user-agent" || !isReservedKey(key);
}

/**
 * The value of a header. Several lines with one name mean the same as one line
 * with their values joined by commas. So a repeated list is one longer list, and
 * a repeated header that must have a single value is malformed, unless all lines
 * are equal.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-5.3
 */
export function headerValue(raw: RawHeaders, name: string): string | undefined {
  let value: string | undefined;
  // Stryker disable next-line EqualityOperator,ArithmeticOperator: after the end, there is no name
  for (let i = 0; i + 1 < raw.length; i += 2) {
    if (raw[i] !== name) continue;
    const line = at(raw, i + 1);
    if (value === undefined) value = line;
    else if (value !== line) value = `${value}, ${line}`;
  }
  return value;
}

/**
 * Encodes bytes as the value of a `-bin` header: base64 without padding, as the
 * protocol recommends.
 *
 * `base64Encode()` of protobuf-es would be the obvious code. Where there is no
 * `Uint8Array.toBase64`, it appends character by character, which takes three
 * times as long and leaves many strings to the garbage collector. This function
 * uses `btoa()` instead.
 */
export function formatBinary(bytes: Uint8Array): string {
  let binary = "";
  // Stryker disable next-line EqualityOperator: one more part is empty
  for (let i = 0; i < bytes.length; i += MAX_ARGUMENTS) {
    binary += String.fromCharCode.apply(undefined, bytes.subarray(i, i + MAX_ARGUMENTS) as unknown as number[]);
  }
  return btoa(binary).replace(/=+/, "");
}

/** A number of arguments that every function call can take. */
const MAX_ARGUMENTS = 8 * 1024;

/**
 * Decodes the value of a `-bin` header: base64 with or without padding, several
 * values joined by commas. Returns `undefined` if it is not base64.
 *
 * @see https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#requests (Custom-Metadata)
 */
export function parseBinary(value: string): Uint8Array[] | undefined {
  const parts = value.split(",").map((part) => part.trim());
  return parts.every(isBase64) ? parts.map((part) => base64Decode(part)) : undefined;
}

/** Checks the text before base64Decode(), which accepts spaces and padding anywhere and may lose bytes before them. */
function isBase64(text: string): boolean {
  return /^[\w+/-]*={0,2}$/.test(text) && text.replace(/=+/, "").length % 4 !== 1;
}
