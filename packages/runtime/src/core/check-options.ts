import { textOf } from "./text-of.js";

/** The names of all options of a type. The compiler reports a missing one. */
export type OptionNames<Options> = Readonly<Record<keyof Options, true>>;

/**
 * Checks that options are an object with known names only, because a misspelt option would be ignored.
 *
 * @param owner who has the options, such as "A channel"
 * @throws TypeError that lists the options
 */
export function checkOptions(owner: string, options: object, names: Readonly<Record<string, true>>): void {
  if (Object(options) !== options || Array.isArray(options)) {
    throw new TypeError(`${owner} takes an object with options, got ${textOf(options)}`);
  }
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(names, name)) continue;
    throw new TypeError(`${owner} has no option ${JSON.stringify(name)}. It has ${Object.keys(names).join(", ")}.`);
  }
}

/** Checks an option that may be left out. @throws TypeError with the rule */
export function check<T>(given: T | undefined, valid: boolean, rule: string): T | undefined {
  if (given === undefined || valid) return given;
  throw new TypeError(`${rule}, got ${textOf(given)}`);
}
