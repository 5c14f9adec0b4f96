import { type Attacker, startAttacker } from "./attackers.js";
import { checkGood } from "./good-calls.js";
import type { Remains } from "./protocol.js";
import type { Session, Side } from "./session.js";
import { Victim } from "./victim.js";

/** Sessions at the same time. */
const LANES = 32;
/** So many sessions may have ended when the garbage collector finds what they have left, which ends some processes. */
const RECENT = 300;
/** A good call on another connection follows every so many sessions. */
const SESSIONS_PER_GOOD_CALL = 50;

/** What a victim looks like after many sessions, or what went wrong, and in which sessions that may have been. */
export type RoundResult =
  | { readonly remains: Remains }
  | { readonly failure: string; readonly suspects: readonly Session[] };

/** Has sessions with a victim until there are no more, and looks at what is left behind. */
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

  /** Starts a victim to have sessions with. */
  static async start(side: Side): Promise<Fuzzer> {
    const { victim, port } = await Victim.start(side);
    return new Fuzzer(side, victim, port);
  }

  /** Has the sessions that `next` gives, in several lanes. */
  async round(next: () => Session | undefined): Promise<RoundResult> {
    const underWay = new Set<Session>();
    /** Those that ended last: a victim may die of them later. */
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

  /** Ends the attack, and the victim. @returns what went wrong with that */
  async close(): Promise<string | undefined> {
    await Promise.all(this.#attackers.map((attacker) => attacker.close()));
    return await this.#victim.close();
  }
}
