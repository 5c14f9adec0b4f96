/** The windows of our own server and client: those of HTTP/2 are small for large messages. */
export const settings = { enablePush: false, initialWindowSize: 1024 * 1024 };

export function widen(session) {
  session.setLocalWindowSize(256 * 1024);
}
