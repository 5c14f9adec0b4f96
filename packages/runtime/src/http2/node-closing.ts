import type { Http2Session } from "node:http2";

/** How often a connection that is closing is asked whether its peer is still there. */
const PING_INTERVAL_MS = 20_000;

/**
 * Watches a connection from the moment it begins to close until its last stream
 * has finished, and gives it up when the peer leaves a PING unanswered for 20 s.
 *
 * If a peer breaks a rule of HTTP/2 after a GOAWAY, nghttp2 stops reading and
 * node:http2 tells nobody (Node 20 to 26). It then does not even notice that the
 * peer has gone, and would keep the connection and its streams for ever.
 */
export function watchClosing(session: Http2Session, onSilent: () => void): void {
  const close = session.close.bind(session);
  // Node calls it too: when the peer sends a GOAWAY without an error.
  session.close = (callback) => {
    if (!session.closed && !session.destroyed) pingUntilClosed(session, onSilent);
    close(callback);
  };
}

function pingUntilClosed(session: Http2Session, onSilent: () => void): void {
  let pending = false;
  const timer = setInterval(() => {
    if (pending) return onSilent();
    pending = true;
    session.ping(() => {
      pending = false;
    });
  }, PING_INTERVAL_MS);
  timer.unref();
  session.once("close", () => clearInterval(timer));
}
