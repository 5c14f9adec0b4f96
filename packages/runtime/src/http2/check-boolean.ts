import { textOf } from "../core/text-of.js";

/** Checks an option that is on or off. @throws TypeError that names the option and the actual value */
export function checkBoolean(option: string, value: boolean): boolean {
  if (typeof value === "boolean") return value;
  throw new TypeError(`${option} takes true or false, got ${textOf(value)}`);
}
