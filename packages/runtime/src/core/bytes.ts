/**
 * Whether a value is a real Uint8Array. `instanceof` alone also accepts a Proxy
 * of one and an object with its prototype, which throw when their bytes are read.
 */
export function isBytes(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && value instanceof Uint8Array;
}
