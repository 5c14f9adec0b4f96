import type { Method } from "../core/method.js";
import type { Contract } from "../errors/contract.js";

/** A method as the client sees it: with the errors that it declares. */
export interface CalledMethod extends Method {
  readonly contract: Contract | undefined;
}

/** Calls of stubs have a contract. A decorator may start calls without one. */
export function calledMethod(method: Method): CalledMethod {
  return "contract" in method ? (method as CalledMethod) : { contract: undefined, ...method };
}
