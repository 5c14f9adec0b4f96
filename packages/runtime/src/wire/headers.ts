import { base64Decode } from "@bufbuild/protobuf/wire";
import {
  isBinaryKey,
  isReservedKey,
  type Metadata,
  type MetadataEntries,
  receivedMetadata,
  type UnparsedEntries,
} from "../core/metadata.js";
import { singleValueHeaders } from "./single-value.js";

/**
 * Headers to send, by name; a repeated header has several values. To be made
 * without a prototype: metadata may have keys like `constructor`.
 */
export type OutgoingHeaders = Record<string, string | string[]>;

/** Received headers as node:http2 lists them: names and values in turn. */
export type RawHeaders = readonly string[];

/** Adds metadata to headers. The user agent is not sent on with metadata that was received. */
export function addMetadata(headers: OutgoingHeaders, metadata: Metadata | undefined): void {
  for (const [key, value] of metadata ?? []) {
    if (key === "user-agent") continue;
    const text = typeof value === "string" ? value : formatBinary(value);
    const present = headers[key];
    if (present === undefined) headers[key] = text;
    else if (singleValueHeaders.has(key)) headers[key] = `${present}, ${text}`;
    else headers[key] = Array.isArray(present) ? [...present, text] : [present, text];
  }
}

/** The metadata among received headers, parsed when somebody looks at it. Values that are not base64 are left out. */
export function metadataOf(raw: RawHeaders): Metadata {
  // Only what is metadata: a call that stays open need not keep the other headers in memory.
  const kept: string[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const key = raw[i] ?? "";
    if (isMetadataKey(key)) kept.push(key, raw[i + 1] ?? "");
  }
  return receivedMetadata(kept.length === 0 ? [] : new ReceivedEntries(kept));
}

class ReceivedEntries implements UnparsedEntries {
  readonly #raw: RawHeaders;

  constructor(raw: RawHeaders) {
    // A copy has no room for more.
    this.#raw = raw.slice();
  }

  parse(): MetadataEntries {
    const entries: MetadataEntries = [];
    for (let i = 0; i + 1 < this.#raw.length; i += 2) {
      const key = this.#raw[i] ?? "";
      const value = this.#raw[i + 1] ?? "";
      if (!isBinaryKey(key)) entries.push([key, value]);
      else for (const bytes of parseBinary(value) ?? []) entries.push([key, bytes]);
    }
    return entries;
  }
}

/** The first `-bin` key of metadata whose value is no base64. */
export function malformedKey(raw: RawHeaders): string | undefined {
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const key = raw[i] ?? "";
    if (isBinaryKey(key) && isMetadataKey(key) && parseBinary(raw[i + 1] ?? "") === undefined) return key;
  }
  return undefined;
}

function isMetadataKey(key: string): boolean {
  return key === "user-agent" || !isReservedKey(key);
}

/**
 * The value of a header. Several lines of one name mean the same as one line with
 * their values joined by commas: a list goes on, and a header that has to have a
 * single value is malformed, rather than what the first line says.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-5.3
 */
export function headerValue(raw: RawHeaders, name: string): string | undefined {
  let value: string | undefined;
  for (let i = 0; i + 1 < raw.length; i += 2) {
    if (raw[i] !== name) continue;
    const line = raw[i + 1] ?? "";
    if (value === undefined) value = line;
    else if (value !== line) value = `${value}, ${line}`;
  }
  return value;
}

/**
 * Bytes as the value of a `-bin` header: base64 without padding, as the protocol
 * recommends. That of protobuf-es, character by character, takes three times as
 * long where there is no `Uint8Array.toBase64`, and its strings burden the
 * garbage collector.
 */
export function formatBinary(bytes: Uint8Array): string {
  let binary = "";
  for (let i = 0; i < bytes.length; i += MAX_ARGUMENTS) {
    binary += String.fromCharCode.apply(undefined, bytes.subarray(i, i + MAX_ARGUMENTS) as unknown as number[]);
  }
  return btoa(binary).replace(/=+$/, "");
}

/** Arguments that a function surely takes. */
const MAX_ARGUMENTS = 8 * 1024;

/**
 * The values of a `-bin` header: base64, padded or not, several ones joined by
 * commas. `undefined` where it is no base64.
 *
 * @see https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#requests (Custom-Metadata)
 */
export function parseBinary(value: string): Uint8Array[] | undefined {
  const parts = value.split(",").map((part) => part.trim());
  return parts.every(isBase64) ? parts.map((part) => base64Decode(part)) : undefined;
}

/** Whether base64Decode() can be asked: it would take spaces and padding anywhere, and lose what comes before. */
function isBase64(text: string): boolean {
  return /^[\w+/-]*={0,2}$/.test(text) && text.replace(/=+$/, "").length % 4 !== 1;
}
