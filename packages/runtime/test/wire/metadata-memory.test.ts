import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { metadataOf } from "../../src/wire/headers.js";

setFlagsFromString("--expose-gc");
const gc: () => void = runInNewContext("gc");

function heapUsed(): number {
  gc();
  return process.memoryUsage().heapUsed;
}

// A stream that waits keeps its metadata: an array that was pushed to has room for 17 more strings.
test("the metadata of a waiting call takes less than 200 bytes besides its strings", () => {
  const count = 20_000;
  const raw = [":path", "/a.B/C", "content-type", "application/grpc", "user-agent", "a client"];
  const kept: unknown[] = new Array(count);
  const before = heapUsed();
  for (let call = 0; call < count; call++) kept[call] = metadataOf(raw);
  const bytes = (heapUsed() - before) / kept.length;
  expect(bytes).toBeLessThan(200);
  expect(bytes).toBeGreaterThan(50);
});
