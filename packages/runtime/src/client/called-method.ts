import type { Method } from "../core/method.js";
import type { Contract } from "../errors/contract.js";

/** A method as the client sees it: with the errors that it declares. */
export interface CalledMethod extends Method {
  readonly contract: Contract | undefined;
}
