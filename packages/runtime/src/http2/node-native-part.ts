import { executionAsyncResource } from "node:async_hooks";
import type { Http2Session } from "node:http2";

/** The first collection may have begun before the end of the connection, and then leaves its streams to the second. */
const COLLECTIONS = 2;

/**
 * Keeps what Node has of a connection in C++ until garbage has been collected
 * twice after its end, so that its streams go before it.
 *
 * A stream that is destroyed while a write of it is pending stays until it is
 * collected. Where it holds a block of headers that did not come to a good end,
 * and the connection goes before it, Node ends the process:
 * `Assertion failed: (current_nghttp2_memory_) == (0)`. A peer needs two frames
 * and a reset of the connection for that, with any program (Node 20 to 26).
 */
export function keepNativePart(session: Http2Session): void {
  // A connection without settings has no streams.
  session.once("remoteSettings", () => {
    // What this event is emitted for.
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
