/**
 * Shortens a list that fails by removing parts as long as it still fails: first
 * halves, then smaller and smaller parts (delta debugging).
 */
export async function shrink<T>(
  items: readonly T[],
  fails: (items: readonly T[]) => Promise<boolean>,
): Promise<readonly T[]> {
  let list = items;
  for (let size = Math.ceil(list.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let start = 0; start < list.length && list.length > 1; ) {
      const rest = [...list.slice(0, start), ...list.slice(start + size)];
      if (rest.length > 0 && (await fails(rest))) list = rest;
      else start += size;
    }
  }
  return list;
}
