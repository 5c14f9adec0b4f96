import type { Http2Session } from "node:http2";
import type { Socket } from "node:net";
import { tryOrUndefined } from "../core/try-or-undefined.js";
import { nextTurn } from "./event-loop.js";
import { QuietTimer } from "./quiet-timer.js";

/** The bytes with which a peer acknowledges the check. */
const ACK_BYTES = 9;

const [major = 0] = process.versions.node.split(".").map(Number);

/** A socket with what Node has still to write. It is private, but Node 20 does not change any more. */
type SocketOfNode20 = Socket & { readonly _handle?: { readonly writeQueueSize?: number } | null };

/**
 * Ends a connection whose peer has violated HTTP/2, on Node 20.
 *
 * nghttp2 then stops reading and writing, and in Node 20 nobody learns of that:
 * calls never end, and not even a FIN of the peer is noticed. But settings that are
 * submitted then stay in the queue, although the socket could take them. This is
 * checked after each silence.
 *
 * @param silence in milliseconds. A timer runs twenty times as often
 * @param isNeeded whether to check now
 */
export function watchForStuck(
  session: Http2Session,
  socket: Socket,
  silence: number,
  isNeeded: () => boolean,
  end: (error: Error) => void,
): void {
  if (major > 20) return;
  let bytesRead = 0;
  let bytesAtCheck = 0;
  const timer = new QuietTimer(
    () => {
      const isQuiet = socket.bytesRead === bytesRead;
      ({ bytesRead } = socket);
      // Only what the peer sends can violate HTTP/2. So there is nothing to check unless more than the last
      // acknowledgement has arrived.
      return isQuiet && isNeeded() && bytesRead > bytesAtCheck + ACK_BYTES;
    },
    () => {
      bytesAtCheck = bytesRead;
      // Throws if the session is gone.
      tryOrUndefined(() => session.settings({}));
      nextTurn(() => nextTurn(check));
      timer.start(silence);
    },
  );
  const check = () => {
    const couldWrite = (socket as SocketOfNode20)._handle?.writeQueueSize === 0;
    if (!session.destroyed && couldWrite && (session.state.outboundQueueSize ?? 0) > 0) {
      end(new Error("The connection was lost: the peer has violated HTTP/2"));
    }
  };
  timer.start(silence);
  session.once("close", () => timer.stop());
}
