import { InputError } from "../input-error.js";
import type { Place } from "./places.js";

/** The IDs of the rules under which `buf lint` reports invalid options. */
export type ValidityRule =
  | "GRPCLIB_CONTRACT_VALID"
  | "GRPCLIB_METADATA_LOWER_CAMEL_CASE"
  | "GRPCLIB_REASON_UPPER_SNAKE_CASE";

/** An invalid option. Its message starts with `file:line:column:`, like a compiler's own errors. */
export class ContractError extends InputError {
  /** The message without the location. */
  readonly problem: string;
  readonly place: Place;
  readonly rule: ValidityRule;

  constructor(position: string, { problem, place, rule }: Pick<ContractError, "problem" | "place" | "rule">) {
    super(`${position}${problem}`);
    this.problem = problem;
    this.place = place;
    this.rule = rule;
  }
}
