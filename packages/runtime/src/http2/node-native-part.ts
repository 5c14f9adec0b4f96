import { executionAsyncResource } from "node:async_hooks";
import type { Http2Session } from "node:http2";

/** Two: a collection that began before the connection ended may miss its streams. */
const COLLECTIONS = 2;

/**
 * Keeps Node's native (C++) object of a connection alive until garbage has been
 * collected twice after the connection ended, so that the native objects of its
 * streams are freed first. This works around a crash in Node 20 to 26.
 *
 * A stream that is destroyed while one of its writes is pending lives until it is
 * garbage-collected. If it holds an incomplete or malformed header block, and
 * the native connection is freed before it, Node aborts the process with
 * `Assertion failed: (current_nghttp2_memory_) == (0)`. A peer can provoke that
 * in any program, with two frames and a reset of the connection.
 */
export function keepNativePart(session: Http2Session): void {
  // There are no streams before the settings of the peer have arrived.
  session.once("remoteSettings", () => {
    // Node emits this event in the async context of the native object.
    const nativePart = executionAsyncResource();
    session.once("close", () => keep({ nativePart, collections: COLLECTIONS }));
  });
}

interface Kept {
  readonly nativePart: object;
  readonly collections: number;
}

const garbage = new FinalizationRegistry<Kept>(keep);

function keep({ nativePart, collections }: Kept): void {
  if (collections > 0) garbage.register({}, { nativePart, collections: collections - 1 });
}
