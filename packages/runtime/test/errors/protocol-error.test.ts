import { types } from "node:util";
import { expect, test } from "vitest";
import { ProtocolError } from "../../src/errors/protocol-error.js";

test("a ProtocolError is a native error with its own name, message and cause", () => {
  const cause = new Error("why");
  const error = new ProtocolError("Call end() once", { cause });
  expect(types.isNativeError(error)).toBe(true);
  expect(error.name).toBe("ProtocolError");
  expect(error.cause).toBe(cause);
  expect(String(error)).toBe("ProtocolError: Call end() once");
  expect(error.stack).toMatch(/^ProtocolError: Call end\(\) once\n.*protocol-error\.test\.ts/);
});
