import { FrameType, type Http2Frame } from "../frames/frame.js";
import { decodeFields } from "../frames/hpack.js";

const names = new Map<number, string>(Object.entries(FrameType).map(([name, type]) => [type, name]));
const SHOWN_BYTES = 48;
const SHOWN_CHARACTERS = 60;

/** Describes a frame in one line. */
export function describeFrame({ type, flags = 0, stream = 0, payload = new Uint8Array(0) }: Http2Frame): string {
  const name = names.get(type) ?? `type ${type}`;
  const fields = type === FrameType.HEADERS ? decodeFields(Buffer.from(payload)) : [];
  const shown = fields.map(([name, value]) => ` ${shorten(name)}=${shorten(value)}`).join("");
  return `${name} flags=${flags} stream=${stream} length=${payload.length}${shown}`;
}

function shorten(text: string): string {
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}… (${text.length})` : text;
}

/** Bytes in hexadecimal, shortened if there are many. */
export function describeBytes(bytes: Buffer): string {
  const shown = bytes.subarray(0, SHOWN_BYTES).toString("hex");
  return bytes.length > SHOWN_BYTES ? `${shown}… (${bytes.length} bytes)` : shown;
}
