import { textOf } from "../core/text-of.js";
import { type Handlers, implement, type ServiceV1 } from "./service.js";

/** Some methods of a generated base as plain functions, for its `partial()`. */
export type PartialHandlers<Base> = Partial<Handlers<Base>>;

/**
 * Creates a service from some of its functions. Calls of the other methods end with UNIMPLEMENTED.
 *
 * @throws TypeError if `handlers` is not an object
 */
export function implementPartial<Base extends ServiceV1>(
  base: abstract new () => Base,
  handlers: PartialHandlers<Base>,
): Base {
  if (typeof handlers !== "object" || handlers === null) {
    throw new TypeError(`${base.name}.partial() takes an object with handlers, got ${describe(handlers)}`);
  }
  return implement(base, handlers, "this server");
}

function describe(value: unknown): string {
  return typeof value === "function" ? `the class ${value.name}. Pass an instance, created with new` : textOf(value);
}
