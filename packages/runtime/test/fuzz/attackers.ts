import { type AddressInfo, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { kinds } from "../calls/kinds.js";
import { FrameType, preface } from "../frames/frame.js";
import { FrameConnection } from "../frames/frame-connection.js";
import { seeded } from "../random.js";
import { below, happens, oneOf } from "./chance.js";
import type { Session, Side } from "./session.js";
import type { Victim } from "./victim.js";

/** How long a victim may take to read what it was sent: one that a broken connection has made deaf does not. */
const READ_MS = 1000;
/** What a victim gets to read what breaks a connection. */
const ROUGH_MS = 5;

/** Has one session after another with a victim; several of them at the same time, each in a lane of its own. */
export interface Attacker {
  /** Has a session. @returns what went wrong, besides the end of the process */
  attack(session: Session): Promise<string | undefined>;
  /** Ends it. */
  close(): Promise<void>;
}

/** Makes an attacker of a victim. @param port that of a server */
export async function startAttacker(side: Side, victim: Victim, lane: number, port: number): Promise<Attacker> {
  return side === "server" ? new AttackingClient(port) : await AttackingServer.start(victim, lane);
}

class AttackingClient implements Attacker {
  readonly #port: number;

  constructor(port: number) {
    this.#port = port;
  }

  async attack(session: Session): Promise<undefined> {
    const connection = await FrameConnection.connect(this.#port);
    await perform(connection, session);
    await connection.closed;
  }

  async close(): Promise<void> {}
}

class AttackingServer implements Attacker {
  readonly #victim: Victim;
  readonly #lane: number;
  readonly #server = createServer((socket) => this.#accept(socket));
  #session: Session | undefined;

  private constructor(victim: Victim, lane: number) {
    this.#victim = victim;
    this.#lane = lane;
  }

  static async start(victim: Victim, lane: number): Promise<AttackingServer> {
    const attacker = new AttackingServer(victim, lane);
    await new Promise<void>((resolve) => attacker.#server.listen(0, "127.0.0.1", resolve));
    return attacker;
  }

  async attack(session: Session): Promise<string | undefined> {
    this.#session = session;
    const random = seeded(session.index);
    const calls = Array.from({ length: session.conversations }, () => ({
      kind: oneOf(random, kinds),
      timeout: 50 + below(random, 300),
      endsRequests: happens(random, 0.5),
    }));
    const lane = this.#lane;
    const done = this.#victim.next("done", (news) => news.lane === lane);
    this.#victim.order({ order: "calls", lane, port: (this.#server.address() as AddressInfo).port, calls });
    const hung = (await done)?.hung ?? 0;
    return hung === 0 ? undefined : `${hung} calls hang`;
  }

  async close(): Promise<void> {
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(socket: Socket): void {
    const session = this.#session;
    let opened = 0;
    let started = false;
    const connection = new FrameConnection(socket, preface.length, ({ type }) => {
      if (type !== FrameType.HEADERS) return;
      opened += 1;
      // All calls of a session start together. Rough ones do not wait for that.
      if (session === undefined || started || (opened < session.conversations && !session.rough)) return;
      started = true;
      void perform(connection, { ...session, steps: rest });
    });
    const [greeting, ...rest] = session?.steps ?? [];
    if (greeting?.bytes !== undefined) socket.write(greeting.bytes);
    // A connection that comes again, for calls that are tried again, may get too few of them.
    const timer = setTimeout(() => socket.resetAndDestroy(), READ_MS);
    socket.once("close", () => clearTimeout(timer));
  }
}

/** Sends what a session consists of, and leaves. */
async function perform(connection: FrameConnection, { steps, rough }: Session): Promise<void> {
  let batch: Buffer[] = [];
  const flush = () => {
    if (batch.length > 0 && connection.socket.writable) connection.socket.write(Buffer.concat(batch));
    batch = [];
  };
  const settled = async () => {
    flush();
    const patience = new AbortController();
    const late = sleep(rough ? ROUGH_MS : READ_MS, undefined, { signal: patience.signal }).catch(() => {});
    await Promise.race([connection.roundTrip(), late]);
    patience.abort();
  };
  for (const { bytes } of steps) {
    if (bytes === undefined) await settled();
    else batch.push(bytes);
  }
  await settled();
  // Never a FIN: after a fatal error on a connection, node:http2 of Node 20 does not notice it, and keeps the connection
  // for good, in any program. That is not what this is looking for.
  connection.socket.resetAndDestroy();
}
