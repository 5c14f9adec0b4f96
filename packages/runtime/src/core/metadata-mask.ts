import { base64Encode } from "@bufbuild/protobuf/wire";
import { processWide } from "./process-wide.js";
import { textOf } from "./text-of.js";

/** The keys of metadata that are masked unless {@link maskMetadata} sets others: those that hold secrets by convention. */
export const defaultMaskedKeys: readonly string[] = Object.freeze([
  "authorization",
  "cookie",
  "proxy-authorization",
  "set-cookie",
  "x-api-key",
]);

const maskedKeys = processWide("masked-keys/1", () => new Set(defaultMaskedKeys));

/**
 * Sets the keys of metadata whose values must not get into logs. `toJSON()` and
 * `util.inspect()` of metadata, of errors and of outcomes show `[masked]` instead. It
 * applies to the whole process, and replaces the keys set before.
 *
 * ```ts
 * maskMetadata([...defaultMaskedKeys, "x-session"]);
 * ```
 *
 * @param keys in upper or lower case. Default: {@link defaultMaskedKeys}
 * @throws TypeError if it is not a list of strings
 */
export function maskMetadata(keys: readonly string[]): void {
  if (!Array.isArray(keys) || !keys.every((key) => typeof key === "string")) {
    throw new TypeError(`maskMetadata() takes a list of keys, as in ["x-session"], got ${textOf(keys)}`);
  }
  const masked = maskedKeys();
  masked.clear();
  for (const key of keys) masked.add(key.toLowerCase());
}

const MASK = "[masked]";

/** Longer values are shortened to this number of bytes. */
const MAX_BYTES = 64;

/** What logs show of a value of metadata. Bytes are shortened to text if there are many. */
export function shownValue(key: string, value: string | Uint8Array): string | Uint8Array {
  if (maskedKeys().has(key)) return MASK;
  if (typeof value === "string" || value.length <= MAX_BYTES) return value;
  return `${base64Encode(value.subarray(0, MAX_BYTES))}… (${value.length} bytes)`;
}

/** Whether a value in JSON is not the whole one. */
export function isShortened(value: unknown): boolean {
  return value === MASK || (typeof value === "string" && /^[A-Za-z0-9+/=]+… \(\d+ bytes\)$/.test(value));
}
