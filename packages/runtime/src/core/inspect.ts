/** How `util.inspect` shows an object: `inspect` is that function, to show what is inside. */
export type Inspect<T> = (self: T, options: InspectOptions, inspect: InspectFunction) => string;

type InspectOptions = { readonly depth?: number | null | undefined };
type InspectFunction = (value: unknown, options: InspectOptions) => string;

/** Says how Node, which knows nothing of this package, shows the instances of a class. */
export function setInspect<T extends object>(target: { prototype: T }, show: Inspect<T>): void {
  Object.defineProperty(target.prototype, Symbol.for("nodejs.util.inspect.custom"), {
    value(this: T, _depth: number, options: InspectOptions, inspect: InspectFunction) {
      return show(this, options, inspect);
    },
  });
}
