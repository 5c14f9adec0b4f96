import type { Message } from "@bufbuild/protobuf";
import type { Init } from "../core/init.js";
import type { TrailersSent } from "./context.js";

/** What the handler of a unary or client streaming method returns. */
export type SingleResponse<O extends Message> =
  | ResponseMessage<O>
  | TrailersSent
  | Promise<ResponseMessage<O> | TrailersSent>;

/** What the handler of a server streaming or bidi method returns: usually an async generator. */
export type ResponseStream<O extends Message> = AsyncIterable<ResponseMessage<O>>;

/**
 * The requests of a client streaming or bidi method. They can be iterated once;
 * the iteration throws `context.signal.reason` when the call is cancelled.
 */
export type RequestStream<I extends Message> = AsyncIterable<I>;

/**
 * A response message, or an object with the fields that differ from their
 * defaults. One type instead of the union `Init`, so that the compiler reports the
 * field that is wrong. It is not an Error, which a handler throws instead of
 * returning it: an Error would match a message with the fields `name` and `message`.
 */
export type ResponseMessage<O extends Message> = {
  [Name in keyof Exclude<Init<O>, O>]: Name extends "$typeName" ? O["$typeName"] : Exclude<Init<O>, O>[Name];
} & ("stack" extends keyof O
  ? unknown
  : {
      /** Only an Error has it. */
      readonly stack?: never;
    });
