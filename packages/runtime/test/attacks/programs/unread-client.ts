// A client that reads only the first response of each of its calls. Its arguments are the address of a server, the
// kind of the calls and their number. It prints a line when all first responses have arrived, then measures itself
// for each line of its input. It ends its calls when its input ends.
import { Channel } from "../../../src/node.js";
import { TestServiceStub } from "../../gen/test/v1/test_grpclib.js";
import { measureForEachLine } from "./measure.js";

const [, , address = "", kind, count] = process.argv;
const channel = new Channel(address);
const stub = new TestServiceStub(channel);
let leave = () => {};
const left = new Promise<void>((resolve) => {
  leave = resolve;
});

async function* requests() {
  yield {};
  await left;
}

const calls = Array.from({ length: Number(count) }, () => {
  const responses = kind === "bidi" ? stub.bidi(requests()) : stub.serverStream({});
  return responses[Symbol.asyncIterator]();
});
await Promise.all(calls.map((call) => call.next()));
console.log("ready");
await measureForEachLine();
leave();
await channel.close();
