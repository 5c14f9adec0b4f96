/** The windows of our own server and client: those of HTTP/2 are small for large messages. */
const settings = { enablePush: false, initialWindowSize: 1024 * 1024 };

/** The memory that Node allows a session by default is not enough for 10,000 streams. */
export const options = { settings, maxSessionMemory: 1024 };

export function widen(session) {
  session.setLocalWindowSize(256 * 1024);
}
