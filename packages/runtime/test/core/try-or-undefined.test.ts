import { expect, test, vi } from "vitest";
import { tryOrUndefined } from "../../src/core/try-or-undefined.js";

test("tryOrUndefined() returns the result of the function", () => {
  const onError = vi.fn();
  expect(tryOrUndefined(() => 5, onError)).toBe(5);
  expect(onError).not.toHaveBeenCalled();
});

test("tryOrUndefined() returns undefined and passes on the error if the function throws", () => {
  const error = new Error("broken");
  const fail = () => {
    throw error;
  };
  const onError = vi.fn();
  expect(tryOrUndefined(fail, onError)).toBeUndefined();
  expect(onError).toHaveBeenCalledExactlyOnceWith(error);
  expect(tryOrUndefined(fail)).toBeUndefined();
});
