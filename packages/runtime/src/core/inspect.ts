/** How `util.inspect` shows an object: `inspect` is that function, to show what is inside. */
export type Inspect<T> = (self: T, options: object, inspect: (value: unknown, options: object) => string) => string;

/** Says how Node, which knows nothing of this package, shows the instances of a class. */
export function setInspect<T extends object>(constructor: { prototype: T }, show: Inspect<T>): void {
  Object.defineProperty(constructor.prototype, Symbol.for("nodejs.util.inspect.custom"), {
    value(this: T, _depth: number, options: object, inspect: (value: unknown, options: object) => string) {
      return show(this, options, inspect);
    },
  });
}
