import { connectionDecoders } from "./connections.js";
import type { Decoder } from "./decoder.js";
import { detailDecoders } from "./details.js";
import { headerDecoders } from "./headers.js";
import { messageDecoders } from "./messages.js";
import { textDecoders } from "./texts.js";

/** Everything in the runtime that reads bytes or text of a peer. The rest of HTTP/2 and TLS is up to Node. */
export const decoders: readonly Decoder[] = [
  ...[...textDecoders, ...headerDecoders, ...detailDecoders, ...messageDecoders, ...connectionDecoders],
];
