import { describe, expect, test } from "vitest";
import { decoders } from "./decoders/all.js";
import type { Decoder } from "./decoders/decoder.js";
import { runDecoder } from "./decoders/run.js";

// `npm run fuzz` does the same with a million inputs, and measures the memory, too.
/** The time that an input may take on a busy machine. `npm run fuzz` allows less. */
const MAX_MS = 1000;
const inputs = { seed: 1, from: 0, to: 3000 };

test.for(decoders)("$name", async (decoder) => {
  expect(await runDecoder(decoder, { ...inputs, maxMs: MAX_MS })).toMatchObject({ failure: undefined });
});

describe("the fuzzer", () => {
  const corpus = [Buffer.from("valid")];
  const run = (check: Decoder["check"]) =>
    runDecoder({ name: "planted", format: "bytes", corpus, check }, { ...inputs, maxMs: MAX_MS });

  test.for<[title: string, fail: () => void | Promise<void>]>([
    [
      "throws",
      () => {
        throw new TypeError("planted");
      },
    ],
    ["rejects", () => Promise.reject(new TypeError("planted"))],
  ])("finds a decoder that %s, and the smallest input for that", async ([, fail]) => {
    const { failure } = await run((input) => (input.includes("l") && input.includes(0xff) ? fail() : undefined));
    expect(failure?.problem).toMatch(/^TypeError: planted/);
    expect(failure?.smallest.toString("latin1")).toMatch(/^(?:l\xff|\xffl)$/);
  });

  test("finds a decoder that is slow", async () => {
    const { failure } = await runDecoder(
      {
        ...{ name: "planted", format: "bytes", corpus },
        check(input) {
          const start = process.cpuUsage();
          while (input.length > 8 && process.cpuUsage(start).user < 2000);
        },
      },
      { ...inputs, maxMs: 1 },
    );
    expect(failure?.problem).toMatch(/^it takes \d+ ms$/);
    expect(failure?.smallest).toHaveLength(9);
  });
});
