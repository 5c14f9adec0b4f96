/** Formats an object for `util.inspect`. `inspect` formats the values inside it. */
export type Inspect<T> = (self: T, options: InspectOptions, inspect: InspectFunction) => string;

type InspectOptions = { readonly depth?: number | null | undefined };
type InspectFunction = (value: unknown, options: InspectOptions) => string;

/** Sets how `util.inspect` formats the instances of a class. Works without importing anything from Node. */
export function setInspect<T extends object>(target: { prototype: T }, show: Inspect<T>): void {
  Object.defineProperty(target.prototype, Symbol.for("nodejs.util.inspect.custom"), {
    value(this: T, _depth: number, options: InspectOptions, inspect: InspectFunction) {
      return show(this, options, inspect);
    },
  });
}
