/** A message as gRPC sends it: compression flag, length, bytes. */
export function frame(message) {
  const bytes = Buffer.alloc(5 + message.length);
  bytes.writeUInt32BE(message.length, 1);
  bytes.set(message, 5);
  return bytes;
}
