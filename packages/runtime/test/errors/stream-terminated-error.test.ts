import { types } from "node:util";
import { expect, test } from "vitest";
import { StreamTerminatedError } from "../../src/errors/stream-terminated-error.js";

test("a StreamTerminatedError is a native error with its own name, HTTP/2 code and cause", () => {
  const cause = new Error("why");
  const error = new StreamTerminatedError("The peer reset the stream", { code: 8, cause });
  expect(types.isNativeError(error)).toBe(true);
  expect(error.name).toBe("StreamTerminatedError");
  expect(error.code).toBe(8);
  expect(error.cause).toBe(cause);
  expect(String(error)).toBe("StreamTerminatedError: The peer reset the stream");
});

test("a StreamTerminatedError of a lost connection has no code, and no cause unless it is given", () => {
  const error = new StreamTerminatedError("The connection was lost");
  expect(error.code).toBeUndefined();
  expect("cause" in error).toBe(false);
});
