const tags = new Set(["[object Error]", "[object DOMException]"]);

/**
 * Whether a value is an Error, also one of another realm. In Jest, tests and the
 * modules that they import run in a realm of their own, so the errors of Node's
 * modules are not an `instanceof Error` there.
 */
export function isError(value: unknown): value is Error {
  if (typeof value !== "object" || value === null) return false;
  // Every error has a stack. It is looked up first because it takes a fraction of the time that a tag takes.
  return value instanceof Error || ("stack" in value && tags.has(Object.prototype.toString.call(value)));
}
