/** The same window sizes as in grpclib-ts. The defaults of HTTP/2 are too small for large messages. */
const settings = { enablePush: false, initialWindowSize: 1024 * 1024 };

/** Node's default limit for the memory of a session is too low for 10,000 streams. */
export const options = { settings, maxSessionMemory: 1024 };

export function widen(session) {
  session.setLocalWindowSize(256 * 1024);
}
