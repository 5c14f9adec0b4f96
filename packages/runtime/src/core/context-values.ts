import { textOf } from "./text-of.js";

/** A key of {@link ContextValues}, made by {@link createContextKey}. Each key is unique, whatever its name. */
export interface ContextKey<T> {
  /** For people: shown in errors and debuggers. */
  readonly name: string;
  /** What `get()` returns before a value is set. */
  readonly defaultValue: T;
}

/**
 * Creates a key for a value that interceptors and handlers share during a call.
 * `get()` returns `undefined` before the value is set.
 *
 * ```ts
 * const user = createContextKey<User>("user");
 * ```
 *
 * @param name for people; two keys with the same name are different keys
 */
export function createContextKey<T>(name: string): ContextKey<T | undefined>;
/**
 * Creates a key with a default value, which `get()` returns before another value is set.
 *
 * @param name for people; two keys with the same name are different keys
 */
export function createContextKey<T>(name: string, defaultValue: T): ContextKey<T>;
export function createContextKey<T>(name: string, defaultValue?: T): ContextKey<T | undefined> {
  if (typeof name !== "string") throw new TypeError(`createContextKey() takes a name, got ${textOf(name)}`);
  return Object.freeze({ name, defaultValue });
}

/** Values that interceptors, handlers and callers attach to a call. They stay in this process. */
export class ContextValues {
  /** Created on demand, because most calls have no values. */
  #values: Map<ContextKey<unknown>, unknown> | undefined;

  /** The value of a key, or the default of the key if none is set. */
  get<T>(key: ContextKey<T>): T {
    return (this.#values?.has(key) ? this.#values.get(key) : key.defaultValue) as T;
  }

  /** Sets the value of a key. */
  set<T>(key: ContextKey<T>, value: NoInfer<T>): this {
    this.#values ??= new Map();
    this.#values.set(key, value);
    return this;
  }

  /** Whether a value is set for a key. */
  has(key: ContextKey<unknown>): boolean {
    return this.#values?.has(key) ?? false;
  }

  /** Removes the value of a key. @returns whether there was one */
  delete(key: ContextKey<unknown>): boolean {
    return this.#values?.delete(key) ?? false;
  }
}
