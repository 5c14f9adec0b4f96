import type { Http2Session } from "node:http2";

/** How often the peer of a connection that is closing is asked for a sign of life. */
const INTERVAL_MS = 20_000;

/**
 * Watches a connection from the moment it begins to close until its last stream
 * has finished, and gives it up when its peer gives no sign of life for 20 s.
 *
 * If a peer breaks a rule of HTTP/2 after a GOAWAY, nghttp2 stops reading and
 * node:http2 tells nobody (Node 20 to 26). It then does not even notice that the
 * peer has gone, and would keep the connection and its streams for ever.
 */
export function watchClosing(session: Http2Session, onSilent: () => void): void {
  const close = session.close.bind(session);
  // Node calls it too: when the peer sends a GOAWAY without an error.
  session.close = (callback) => {
    if (!session.closed && !session.destroyed) askUntilClosed(session, onSilent);
    close(callback);
  };
}

function askUntilClosed(session: Http2Session, onSilent: () => void): void {
  let pending = false;
  const timer = setInterval(() => {
    if (pending) return onSilent();
    pending = true;
    // Settings have to be acknowledged, as a PING has, which Node does not send any more.
    session.settings({}, () => {
      pending = false;
    });
  }, INTERVAL_MS);
  timer.unref();
  session.once("close", () => clearInterval(timer));
}
