/**
 * Where listeners that all streams share find the call of theirs.
 *
 * node:http2 may keep a stream for long after it has closed. It must not keep
 * the call, and what hangs on it: so the call is taken away then.
 */
export const owner: unique symbol = Symbol("call");

/** A stream that belongs to a call until it has closed. */
export type Owned<Stream, Call> = Stream & { [owner]?: Call | undefined };

/** For errors of a stream, which its "close" tells more of; without a listener they would end the process. */
export function ignore(): void {}
