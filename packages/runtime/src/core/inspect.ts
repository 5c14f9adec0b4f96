/**
 * Formats an object for `util.inspect`: returns its text, or another object to
 * format instead. `inspect` formats values inside the text.
 */
export type Inspect<T> = (self: T, options: InspectOptions, inspect: InspectFunction) => string | object;

type InspectOptions = { readonly depth?: number | null | undefined };
type InspectFunction = (value: unknown, options: InspectOptions) => string;

/** The method that `util.inspect` calls, if an object has it. */
export const inspectKey: symbol = Symbol.for("nodejs.util.inspect.custom");

/** Sets how `util.inspect` formats the instances of a class. Works without importing anything from Node. */
export function setInspect<T extends object>(target: { prototype: T }, show: Inspect<T>): void {
  Object.defineProperty(target.prototype, inspectKey, {
    value(this: T, _depth: number, options: InspectOptions, inspect: InspectFunction) {
      return show(this, options, inspect);
    },
  });
}
