// A client that writes more than socket buffers hold. For each line of its input it makes a call to the port in its
// arguments, on a new connection, waits until the call has failed and the server has disconnected, and collects
// garbage.
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { Channel } from "../../../src/node.js";
import { TestServiceStub } from "../../gen/test/v1/test_grpclib.js";
import { collectGarbage } from "./collect-garbage.js";

const TIMEOUT_MS = 400;
/** The time after which a server has certainly disconnected. */
const LEFT_MS = 250;

const data = new Uint8Array(16 * 1024 * 1024);
for await (const _ of createInterface(process.stdin)) {
  const channel = new Channel(`http://127.0.0.1:${process.argv[2]}`);
  const { error } = await new TestServiceStub(channel).unary.safe({ data }, { timeout: TIMEOUT_MS });
  await sleep(LEFT_MS);
  await channel.close();
  collectGarbage();
  console.log(`collected after ${error?.status}`);
}
