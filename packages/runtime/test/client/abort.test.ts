import { expect, test, vi } from "vitest";
import { onAbort } from "../../src/client/abort.js";

test("callbacks of one signal are independent of each other", () => {
  const abort = new AbortController();
  const [first, second] = [vi.fn(), vi.fn()];
  const removeFirst = onAbort(abort.signal, first);
  onAbort(abort.signal, second);
  removeFirst();
  abort.abort();
  expect(first).not.toHaveBeenCalled();
  expect(second).toHaveBeenCalledTimes(1);
});

test("a signal has one listener, and none when its callbacks have been removed", () => {
  const { signal } = new AbortController();
  const add = vi.spyOn(signal, "addEventListener");
  const remove = vi.spyOn(signal, "removeEventListener");
  const removers = [onAbort(signal, () => {}), onAbort(signal, () => {})];
  expect(add).toHaveBeenCalledTimes(1);
  removers[0]?.();
  expect(remove).not.toHaveBeenCalled();
  removers[1]?.();
  expect(remove.mock.calls).toEqual([add.mock.calls[0]]);
});

test("a callback that is added after all others have been removed is called", () => {
  const abort = new AbortController();
  const callback = vi.fn();
  onAbort(abort.signal, () => {})();
  onAbort(abort.signal, callback);
  abort.abort();
  expect(callback).toHaveBeenCalledTimes(1);
});
