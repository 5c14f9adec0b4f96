// A server that writes more than socket buffers hold. It uses TLS if its arguments contain a key and a certificate. It
// prints its port, and collects garbage for each line of its input. It closes when its input ends, and then collects
// garbage once more.
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { Server } from "../../../src/node.js";
import { TestServiceBase } from "../../gen/test/v1/test_grpclib.js";
import { collectGarbage } from "./collect-garbage.js";

const data = new Uint8Array(16 * 1024 * 1024);
const service = TestServiceBase.of({
  unary: () => ({ data }),
  async *serverStream() {
    yield { data };
  },
  clientStream: () => ({ data }),
  async *bidi() {
    yield { data };
  },
});

/** Attackers use pings to wait until the server has read what they sent. */
const keepalive = { enforce: { minTime: 0 } };
const server = new Server([service], { keepalive, onError: () => {} });
const [tls] = process.argv.slice(2).map((text) => JSON.parse(text));
const { port } = await server.listen({ host: "127.0.0.1", port: 0, tls });
console.log(port);
for await (const _ of createInterface(process.stdin)) {
  collectGarbage();
  console.log("collected");
}
await server.close({ grace: 0 });
await sleep(20);
collectGarbage();
