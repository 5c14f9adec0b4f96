import type { Kind } from "../calls/kinds.js";
import type { Http2Frame } from "../frames/frame.js";
import { data, headers } from "../frames/frames.js";
import { requestFields, requestMessage } from "../frames/grpc.js";
import type { Field } from "../frames/hpack.js";

/** The part of a call that a client sends before it ends the call. */
export interface RequestPrefix {
  readonly name: string;
  /** The body, in DATA frames. */
  readonly body: readonly Uint8Array[];
  readonly endStream: boolean;
  /** The number of complete messages. */
  readonly messages: number;
  /** Whether it ends within a message. */
  readonly endedInMessage: boolean;
}

const message = requestMessage({ data: new Uint8Array(100) });
const half = message.subarray(0, 50);

function prefix(name: string, body: readonly Uint8Array[], rest: Partial<RequestPrefix> = {}): RequestPrefix {
  return { name, body, endStream: false, messages: 0, endedInMessage: false, ...rest };
}

/** Every point of a request at which a client can end the call. */
export const requestPrefixes: readonly RequestPrefix[] = [
  prefix("headers", []),
  prefix("headers, END_STREAM", [], { endStream: true }),
  prefix("2 bytes of a prefix", [message.subarray(0, 2)], { endedInMessage: true }),
  prefix("a prefix", [message.subarray(0, 5)], { endedInMessage: true }),
  prefix("a part of a message", [half], { endedInMessage: true }),
  prefix("a part of a message, END_STREAM", [half], { endedInMessage: true, endStream: true }),
  prefix("a message", [message], { messages: 1 }),
  prefix("a message and a part", [message, half], { messages: 1, endedInMessage: true }),
  prefix("three messages", [message, message, message], { messages: 3 }),
  prefix("a message, END_STREAM", [message], { messages: 1, endStream: true }),
];

const empty = requestMessage();
const large = new Uint8Array(2 << 20);

/** Requests that flow control holds back unless the handler reads them. */
export const heavyPrefixes: readonly RequestPrefix[] = [
  prefix("600 empty messages", [Buffer.concat(Array<Buffer>(600).fill(empty))], { messages: 600 }),
  prefix("2000 empty messages in frames of their own", Array<Buffer>(2000).fill(empty), { messages: 2000 }),
  prefix("600 empty messages and a part", [Buffer.concat(Array<Buffer>(600).fill(empty)), half], {
    messages: 600,
    endedInMessage: true,
  }),
  prefix("600 empty messages, END_STREAM", [Buffer.concat(Array<Buffer>(600).fill(empty))], {
    messages: 600,
    endStream: true,
  }),
  // As much as the connection's window allows before the server enlarges it.
  prefix(
    "48 KiB of a message of 2 MiB",
    Array.from({ length: 3 }, (_, index) => requestMessage({ data: large }).subarray(index << 14, (index + 1) << 14)),
    { endedInMessage: true },
  ),
];

/** The prefix with this name. @throws Error if there is none */
export function requestPrefix(name: string): RequestPrefix {
  const found = [...requestPrefixes, ...heavyPrefixes].find((one) => one.name === name);
  if (found === undefined) throw new Error(`No prefix is called "${name}"`);
  return found;
}

const methods = { unary: "Unary", serverStream: "ServerStream", clientStream: "ClientStream", bidi: "Bidi" } as const;

/** The frames of the beginning of a request. */
export function requestFrames(
  stream: number,
  kind: Kind,
  { body, endStream }: RequestPrefix,
  metadata: readonly Field[],
): readonly Http2Frame[] {
  const last = body.length - 1;
  return [
    headers(stream, requestFields(methods[kind], metadata), { endStream: endStream && last < 0 }),
    ...body.map((bytes, index) => data(stream, bytes, { endStream: endStream && index === last })),
  ];
}
