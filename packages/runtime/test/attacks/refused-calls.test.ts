import { once } from "node:events";
import { expect, test } from "vitest";
import { GRPCError, Status } from "../../src/index.js";
import { startServer } from "../harness.js";
import { compilePrograms } from "./compile.js";
import { unharmed, Victim } from "./victim.js";

const folder = compilePrograms();

/** On Node 20, resets while a packet was being read ended the process within 3 s: its memory was corrupted. */
const TIME_MS = 3000;

test("a client survives refusals of calls that still send, each of which makes it cancel another call", async () => {
  const server = await startServer({
    async clientStream(_requests, { metadata, signal }) {
      if (metadata.has("refuse")) throw new GRPCError(Status.UNAUTHENTICATED, "no token");
      await once(signal, "abort");
      throw signal.reason;
    },
  });
  const victim = new Victim(folder, "refused-client", [`${server.port}`, `${TIME_MS}`]);
  expect(Number(await victim.line())).toBeGreaterThan(100);
  expect(await victim.exit()).toEqual(unharmed);
});

test("a call that waits for a stream keeps the process alive, though no stream is open", async () => {
  const server = await startServer(
    {
      async unary({ text }, { signal }) {
        if (text === "slow") await once(signal, "abort");
        return { text };
      },
    },
    { maxConcurrentStreams: 1 },
  );
  const victim = new Victim(folder, "waiting-client", [`${server.port}`]);
  expect(await victim.line()).toBe("after");
  expect(await victim.exit()).toEqual(unharmed);
});
