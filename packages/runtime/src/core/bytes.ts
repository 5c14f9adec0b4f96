/** Whether a value is a Uint8Array. A Proxy of one, or an object with its prototype, throws when its bytes are read. */
export function isBytes(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && value instanceof Uint8Array;
}
