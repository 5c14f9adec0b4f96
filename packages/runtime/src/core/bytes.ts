/**
 * Whether a value is a real Uint8Array, of any realm. `instanceof` also accepts a
 * Proxy of one and an object with its prototype, which throw when their bytes are
 * read, and does not accept one of another realm.
 */
export function isBytes(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && Object.prototype.toString.call(value) === "[object Uint8Array]";
}
