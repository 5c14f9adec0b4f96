import { connect, constants } from "node:http2";
import { Duplex } from "node:stream";
import { expect, onTestFinished, test } from "vitest";
import { isReservedKey } from "../../src/core/metadata.js";
import { singleValueHeaders } from "../../src/wire/single-value.js";

test("every header that node:http2 refuses to send twice is in the list, or is not metadata", () => {
  const names = Object.entries(constants).flatMap(([name, value]) => (name.startsWith("HTTP2_HEADER_") ? [value] : []));
  const refused = names.map(String).filter(isRefusedTwice);
  expect(refused).toContain("authorization");
  expect(refused.filter((name) => !isReservedKey(name) && !singleValueHeaders.has(name))).toEqual([]);
});

test("other headers can be sent twice", () => {
  expect(["key", "key-bin", "set-cookie", "accept"].filter((name) => singleValueHeaders.has(name))).toEqual([]);
  expect(isRefusedTwice("key")).toBe(false);
});

function isRefusedTwice(name: string): boolean {
  const session = connect("http://localhost", { createConnection: () => new Duplex({ read() {}, write() {} }) });
  onTestFinished(() => session.destroy());
  session.on("error", () => {});
  try {
    session.request({ [name]: ["a", "b"] }).on("error", () => {});
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ERR_HTTP2_HEADER_SINGLE_VALUE";
  }
}
