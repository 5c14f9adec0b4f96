import { type Duplex, duplexPair } from "node:stream";
// Not the global one, which fake timers replace.
import { setImmediate } from "node:timers";

/** Both ends of a connection in memory. As with TCP, the one learns when the other one closes. */
export function socketPair(): readonly [Duplex, Duplex] {
  const [near, far] = duplexPair();
  closeAfter(near, far);
  closeAfter(far, near);
  return [near, far];
}

function closeAfter(closing: Duplex, other: Duplex): void {
  closing.once("close", () => {
    if (other.destroyed) return;
    // What has been sent before can still be read.
    other.push(null);
    setImmediate(() => setImmediate(() => other.destroy()));
  });
}
