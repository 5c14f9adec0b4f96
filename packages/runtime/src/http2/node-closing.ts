import type { Http2Session } from "node:http2";

/** The time in which the peer of a closing connection must acknowledge settings. */
const INTERVAL_MS = 20_000;

/**
 * Checks every 20 s that the peer of a connection still responds, from the moment
 * when the connection starts closing until its last stream has finished. Calls
 * `end` if the peer has not acknowledged the settings sent 20 s before, or if
 * settings cannot be sent.
 *
 * If a peer violates HTTP/2 after a GOAWAY, nghttp2 stops reading and node:http2
 * reports nothing (Node 20 to 26). It does not even notice that the peer has
 * disconnected, and would keep the connection and its streams for ever.
 */
export function watchClosing(session: Http2Session, end: (error: Error) => void): void {
  const close = session.close.bind(session);
  // Node also calls close() itself, when the peer sends a GOAWAY without an error.
  session.close = (callback) => {
    if (!session.closed && !session.destroyed) pollUntilClosed(session, end);
    close(callback);
  };
}

function pollUntilClosed(session: Http2Session, end: (error: Error) => void): void {
  let pending = false;
  const timer = setInterval(() => {
    if (pending) return end(new Error("The peer does not answer"));
    pending = true;
    try {
      // A peer has to acknowledge settings. Node no longer sends a PING once the session is closing.
      session.settings({}, () => {
        pending = false;
      });
    } catch (error) {
      // The session has been destroyed, and its "close" event follows; or ten settings are unacknowledged.
      end(error as Error);
    }
  }, INTERVAL_MS);
  timer.unref();
  session.once("close", () => clearInterval(timer));
}
