import { expect, test } from "vitest";
import { Status } from "../../src/index.js";
import { checkHeaderSize, headerBlockSize, rawHeadersSize } from "../../src/wire/header-size.js";

// Each header takes 32 bytes besides its name and its value.
const headers = { one: "a", two: ["b", "cc"] };
const size = 3 * 32 + "oneatwobtwocc".length;

test("the size of a header block is the same before and after its way", () => {
  expect(headerBlockSize(headers)).toBe(size);
  expect(rawHeadersSize(["one", "a", "two", "b", "two", "cc"])).toBe(size);
  expect(rawHeadersSize([])).toBe(0);
});

test("a header block may be as large as the peer accepts, and no larger", () => {
  expect(() => checkHeaderSize(size, size, "server")).not.toThrow();
  expect(() => checkHeaderSize(size, size - 1, "server")).toThrow(
    expect.objectContaining({
      status: Status.RESOURCE_EXHAUSTED,
      message: `The headers with the metadata have ${size} bytes, but the server accepts at most ${size - 1} (SETTINGS_MAX_HEADER_LIST_SIZE)`,
    }),
  );
});
