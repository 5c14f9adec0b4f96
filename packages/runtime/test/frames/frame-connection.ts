import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { encodeFrames, Flag, FrameReader, FrameType, type Http2Frame, preface, type ReceivedFrame } from "./frame.js";
import { ping, pingAck, settingsAck } from "./frames.js";

/**
 * A connection that sends and receives single HTTP/2 frames, as client or server.
 * It acknowledges the peer's settings and pings; its user does everything else.
 */
export class FrameConnection {
  readonly socket: Socket;
  /** Resolves when the socket has closed, for any reason. */
  readonly closed: Promise<void>;
  readonly #pings = new Map<number, () => void>();
  #lastPing = 0;
  #answersPings = true;

  constructor(
    socket: Socket,
    skip = 0,
    onFrame: (frame: ReceivedFrame, connection: FrameConnection) => void = () => {},
  ) {
    this.socket = socket;
    this.closed = new Promise((resolve) => socket.once("close", () => resolve()));
    const reader = new FrameReader(skip);
    socket.setNoDelay(true);
    // An attacked peer may reset the connection.
    socket.on("error", () => {});
    socket.on("data", (chunk: Buffer) => {
      for (const frame of reader.push(chunk)) {
        this.#answer(frame);
        onFrame(frame, this);
      }
    });
  }

  /**
   * Connects to a server, and sends the preface. The user has to send settings.
   *
   * @param ca a certificate to trust. If it is given, the connection uses TLS.
   */
  static async connect(port: number, ca?: string, onFrame?: (frame: ReceivedFrame) => void): Promise<FrameConnection> {
    const socket =
      ca === undefined
        ? connect(port, "127.0.0.1")
        : connectTls({ host: "127.0.0.1", port, ca, servername: "localhost", ALPNProtocols: ["h2"] });
    const connection = new FrameConnection(socket, 0, onFrame);
    const ready = ca === undefined ? "connect" : "secureConnect";
    await Promise.race([new Promise((resolve) => socket.once(ready, resolve)), connection.closed]);
    socket.write(preface);
    return connection;
  }

  /** Sends frames in one write. */
  send(...frames: readonly Http2Frame[]): void {
    if (this.socket.writable) this.socket.write(encodeFrames(frames));
  }

  /** Waits until the peer has read everything sent before, or the connection has closed. */
  async roundTrip(): Promise<void> {
    this.#lastPing += 1;
    const id = this.#lastPing;
    const answered = new Promise<void>((resolve) => this.#pings.set(id, resolve));
    this.send(ping(id));
    await Promise.race([answered, this.closed]);
  }

  /** From now on, pings are not acknowledged. */
  ignorePings(): void {
    this.#answersPings = false;
  }

  #answer({ type, flags, payload }: ReceivedFrame): void {
    const isAck = (flags & Flag.ACK) !== 0;
    if (type === FrameType.SETTINGS && !isAck) this.send(settingsAck);
    if (type === FrameType.PING && !isAck && this.#answersPings) this.send(pingAck(payload));
    if (type === FrameType.PING && isAck) this.#pings.get(Buffer.from(payload).readUInt32BE(4))?.();
  }
}
