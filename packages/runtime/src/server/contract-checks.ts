import { Status } from "../core/status.js";
import { textOf } from "../core/text-of.js";
import type { Trailers } from "./context.js";
import { type ContractFault, contractFault, type Failing } from "./contract-fault.js";
import type { ServiceMethod } from "./service.js";

const modes: ReadonlySet<unknown> = new Set(["report", "enforce", "off"]);

/** @throws TypeError for any value that the option `contracts` does not have */
export function checkContracts(contracts: unknown): void {
  if (modes.has(contracts)) return;
  throw new TypeError(`contracts takes "report", "enforce" or "off", got ${textOf(contracts)}`);
}

/** What the client gets instead of an error that does not keep an enforced contract. */
export const notKept: Trailers = {
  status: Status.INTERNAL,
  message: "The server does not keep the contract of this method",
};

/** The kinds of a method that are remembered as reported. More can only come from reasons that are made up at run time. */
const MAX_KINDS = 100;

/** A fault to report. */
export interface ContractReport {
  readonly text: string;
  /** Whether the client gets INTERNAL instead of the error. */
  readonly enforced: boolean;
  /** Whether the report is due, which it then is no longer. */
  readonly take: () => boolean;
}

/** Checks the errors of a method against its contract. */
export class ContractChecks {
  readonly #method: ServiceMethod;
  readonly #enforced: boolean;
  readonly #reported = new Set<string>();

  constructor(method: ServiceMethod, contracts: "report" | "enforce") {
    this.#method = method;
    // A method without a contract promises nothing.
    this.#enforced = contracts === "enforce" && method.contract !== undefined;
  }

  check(failing: Failing): ContractReport | undefined {
    const fault = contractFault(failing, this.#method);
    if (fault === undefined) return undefined;
    return { text: this.#textOf(fault), enforced: this.#enforced, take: () => this.#take(fault.name) };
  }

  #take(name: string): boolean {
    // The report is all that is left of an error that is replaced, so each one is due.
    if (this.#enforced) return true;
    if (this.#reported.has(name) || this.#reported.size === MAX_KINDS) return false;
    this.#reported.add(name);
    return true;
  }

  #textOf({ name, effect, reason }: ContractFault): string {
    const seen = this.#enforced ? "its clients get INTERNAL instead" : effect;
    return `${this.#method.path} failed with ${name}, but ${seen}: ${reason}`;
  }
}
