/**
 * Returns a function that gets a value which all copies of this package in the
 * process share, whatever their versions. The first use creates it.
 *
 * @param name with the version of the value's format. Change the version together with the format, because a copy
 *   cannot know how another version has changed it. Values are plain collections, not instances of our classes.
 */
export function processWide<T extends object>(name: string, create: () => T): () => T {
  const key = Symbol.for(`@grpclib-ts/runtime/${name}`);
  return () => {
    const shared = globalThis as { [key]?: T };
    shared[key] ??= create();
    return shared[key];
  };
}
