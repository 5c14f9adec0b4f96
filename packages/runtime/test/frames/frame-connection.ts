import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { encodeFrames, Flag, FrameReader, FrameType, type Http2Frame, preface, type ReceivedFrame } from "./frame.js";
import { ping, pingAck, settingsAck } from "./frames.js";

/**
 * A connection that speaks HTTP/2 frame by frame, as client or server. It agrees
 * to the peer's settings and answers its pings; everything else is up to its user.
 */
export class FrameConnection {
  readonly socket: Socket;
  /** Resolves when the socket is closed, for whatever reason. */
  readonly closed: Promise<void>;
  readonly #pings = new Map<number, () => void>();
  #lastPing = 0;

  constructor(
    socket: Socket,
    skip = 0,
    onFrame: (frame: ReceivedFrame, connection: FrameConnection) => void = () => {},
  ) {
    this.socket = socket;
    this.closed = new Promise((resolve) => socket.once("close", () => resolve()));
    const reader = new FrameReader(skip);
    socket.setNoDelay(true);
    // A peer that is attacked may reset the connection.
    socket.on("error", () => {});
    socket.on("data", (chunk: Buffer) => {
      for (const frame of reader.push(chunk)) {
        this.#answer(frame);
        onFrame(frame, this);
      }
    });
  }

  /**
   * Connects to a server, and sends the preface. The settings are up to the user.
   *
   * @param ca over TLS, trusting this certificate
   */
  static async connect(port: number, ca?: string): Promise<FrameConnection> {
    const socket =
      ca === undefined
        ? connect(port, "127.0.0.1")
        : connectTls({ host: "127.0.0.1", port, ca, servername: "localhost", ALPNProtocols: ["h2"] });
    const connection = new FrameConnection(socket);
    const ready = ca === undefined ? "connect" : "secureConnect";
    await Promise.race([new Promise((resolve) => socket.once(ready, resolve)), connection.closed]);
    socket.write(preface);
    return connection;
  }

  /** Sends frames in one write. */
  send(...frames: readonly Http2Frame[]): void {
    if (this.socket.writable) this.socket.write(encodeFrames(frames));
  }

  /** Waits until the peer has read everything that was sent before, or the connection is closed. */
  async roundTrip(): Promise<void> {
    this.#lastPing += 1;
    const id = this.#lastPing;
    const answered = new Promise<void>((resolve) => this.#pings.set(id, resolve));
    this.send(ping(id));
    await Promise.race([answered, this.closed]);
  }

  #answer({ type, flags, payload }: ReceivedFrame): void {
    const isAck = (flags & Flag.ACK) !== 0;
    if (type === FrameType.SETTINGS && !isAck) this.send(settingsAck);
    if (type === FrameType.PING && !isAck) this.send(pingAck(payload));
    if (type === FrameType.PING && isAck) this.#pings.get(Buffer.from(payload).readUInt32BE(4))?.();
  }
}
