import { type AddressInfo, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { kinds } from "../calls/kinds.js";
import { FrameType, preface } from "../frames/frame.js";
import { FrameConnection } from "../frames/frame-connection.js";
import { seeded } from "../random.js";
import { below, happens, oneOf } from "./chance.js";
import type { Session, Side } from "./session.js";
import type { Victim } from "./victim.js";

/** The time to wait for a victim to read a session. A victim stops reading a connection that has broken the rules. */
const READ_MS = 1000;
/** The time for a victim to read a session that breaks its connection. */
const ROUGH_MS = 5;

/** Runs sessions with a victim, one after another. Several attackers run concurrently, each in its own lane. */
export interface Attacker {
  /** Runs a session. @returns what went wrong, other than the end of the process */
  attack(session: Session): Promise<string | undefined>;
  /** Closes the attacker. */
  close(): Promise<void>;
}

/** Starts an attacker of a victim. @param port the port, if the victim is a server */
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
      // All calls of a session start together. A rough session does not wait for that.
      if (session === undefined || started || (opened < session.conversations && !session.rough)) return;
      started = true;
      void perform(connection, { ...session, steps: rest });
    });
    const [greeting, ...rest] = session?.steps ?? [];
    if (greeting?.bytes !== undefined) socket.write(greeting.bytes);
    // A second connection, for calls that are retried, may get fewer calls.
    const timer = setTimeout(() => socket.resetAndDestroy(), READ_MS);
    socket.once("close", () => clearTimeout(timer));
  }
}

/** Sends the steps of a session, then disconnects. */
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
  // Never send a FIN: after a fatal error on a connection, node:http2 of Node 20 does not notice it and keeps the
  // connection for ever, in any program. This fuzzer does not look for that.
  connection.socket.resetAndDestroy();
}
