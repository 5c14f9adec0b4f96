// A server in a process of its own, which tells its port. Its responses have its host as text. When it is told to die,
// it answers no further calls, and ends as by `kill -9` while a call waits.
import { setTimeout as sleep, setImmediate as turn } from "node:timers/promises";
import { Server } from "../../../src/node.js";
import { TestServiceBase } from "../../gen/test/v1/test_grpclib.js";

/** The turns of the event loop after which what was answered has been written. */
const TURNS = 20;

const [host = "", port = "0"] = process.argv.slice(2);
let answering = 0;
let dying = false;
let onWaiting = () => {};
const waiting = new Promise<void>((resolve) => {
  onWaiting = resolve;
});

const service = TestServiceBase.partial({
  async unary() {
    if (dying) {
      onWaiting();
      await new Promise(() => {});
    }
    answering += 1;
    await sleep(2);
    answering -= 1;
    return { text: host };
  },
});

async function die() {
  dying = true;
  await waiting;
  for (let turns = 0; turns < TURNS || answering > 0; turns++) await turn();
  process.kill(process.pid, "SIGKILL");
}

process.on("message", () => void die());
process.on("disconnect", () => process.exit());

const server = new Server([service]);
const address = await server.listen({ host, port: Number(port) });
process.send?.(address.port);
