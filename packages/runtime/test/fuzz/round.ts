import { type Attacker, startAttacker } from "./attackers.js";
import { checkGood } from "./good-calls.js";
import type { Remains } from "./protocol.js";
import type { Session, Side } from "./session.js";
import { Victim } from "./victim.js";

/** The number of concurrent sessions. */
const LANES = 32;
/** The number of past sessions to suspect: a session may crash the process later, when its garbage is collected. */
const RECENT = 300;
/** A good call is made on another connection each time after this many sessions. */
const SESSIONS_PER_GOOD_CALL = 50;

/** The resources of a victim after a round, or what went wrong and the sessions that may have caused it. */
export type RoundResult =
  | { readonly remains: Remains }
  | { readonly failure: string; readonly suspects: readonly Session[] };

/** Runs rounds of sessions with one victim, and measures its resources after each round. */
export class Fuzzer {
  readonly #side: Side;
  readonly #victim: Victim;
  readonly #port: number;
  readonly #attackers: Attacker[] = [];

  private constructor(side: Side, victim: Victim, port: number) {
    this.#side = side;
    this.#victim = victim;
    this.#port = port;
  }

  /** Starts a victim. */
  static async start(side: Side): Promise<Fuzzer> {
    const { victim, port } = await Victim.start(side);
    return new Fuzzer(side, victim, port);
  }

  /** Runs the sessions that `next` returns, several at a time, until it returns `undefined`. */
  async round(next: () => Session | undefined): Promise<RoundResult> {
    const underWay = new Set<Session>();
    /** The sessions that ended last. They may crash the victim later. */
    let recent: Session[] = [];
    let failure: { readonly failure: string; readonly suspects: readonly Session[] } | undefined;
    let count = 0;
    const fail = (text: string, suspects: readonly Session[]) => {
      failure ??= { failure: text, suspects };
    };
    const runLane = async (lane: number) => {
      this.#attackers[lane] ??= await startAttacker(this.#side, this.#victim, lane, this.#port);
      const attacker = this.#attackers[lane];
      for (let session = next(); session !== undefined && failure === undefined; session = next()) {
        underWay.add(session);
        const problem = await attacker.attack(session);
        if (problem !== undefined) fail(problem, [session]);
        if (!this.#victim.running) fail(await this.#victim.death(), [...underWay, ...recent]);
        underWay.delete(session);
        recent = [...recent.slice(-RECENT), session];
        count += 1;
        if (count % SESSIONS_PER_GOOD_CALL === 0) {
          const bad = await checkGood(this.#side, this.#port);
          if (bad !== undefined) fail(await this.#victim.deathOr(bad), [...underWay, ...recent]);
        }
      }
    };
    await Promise.all(Array.from({ length: LANES }, (_, lane) => runLane(lane)));
    if (failure !== undefined) return failure;
    const remains = await this.#victim.remains();
    if (remains === undefined) return { failure: await this.#victim.death(), suspects: recent };
    return { remains };
  }

  /** Closes the attackers and the victim. @returns what went wrong */
  async close(): Promise<string | undefined> {
    await Promise.all(this.#attackers.map((attacker) => attacker.close()));
    return await this.#victim.close();
  }
}
