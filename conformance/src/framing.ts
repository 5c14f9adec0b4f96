import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";

const PREFIX_BYTES = 4;

/** Reads messages from a stream. Each follows its length, a big-endian number of four bytes. */
export async function* readMessages<Desc extends DescMessage>(
  schema: Desc,
  input: AsyncIterable<Buffer>,
): AsyncGenerator<MessageShape<Desc>> {
  let unread = Buffer.alloc(0);
  for await (const chunk of input) {
    unread = Buffer.concat([unread, chunk]);
    while (unread.length >= PREFIX_BYTES) {
      const end = PREFIX_BYTES + unread.readUInt32BE();
      if (unread.length < end) break;
      yield fromBinary(schema, unread.subarray(PREFIX_BYTES, end));
      unread = unread.subarray(end);
    }
  }
  if (unread.length > 0) throw new Error(`The input ended in the middle of a ${schema.typeName}`);
}

/** Encodes a message with its length before it. */
export function frameMessage<Desc extends DescMessage>(schema: Desc, init: MessageInitShape<Desc>): Buffer {
  const message = toBinary(schema, create(schema, init));
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(message.length);
  return Buffer.concat([prefix, message]);
}
