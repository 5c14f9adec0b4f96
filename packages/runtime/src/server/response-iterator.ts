import { ProtocolError } from "../errors/protocol-error.js";

/** Starts the iteration over what a handler of streaming responses returned. @throws ProtocolError if it is not iterable */
export function iterateResponses(responses: unknown, method: string): AsyncIterator<unknown> {
  const start: unknown = Object(responses)[Symbol.asyncIterator];
  if (typeof start === "function") return start.call(responses);
  throw new ProtocolError(`The handler of ${method} did not return an async iterable. Make it an async generator.`);
}
