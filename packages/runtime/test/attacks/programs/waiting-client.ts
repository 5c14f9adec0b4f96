// A client that cancels the only call that the server allows at a time, and then makes another one, which has to wait.
// Nothing but that call keeps the process alive. The port is in its arguments.
import { Channel } from "../../../src/node.js";
import { TestServiceStub } from "../../gen/test/v1/test_grpclib.js";

await using channel = new Channel(`http://127.0.0.1:${process.argv[2]}`);
const stub = new TestServiceStub(channel);
await stub.unary({ text: "first" });
const controller = new AbortController();
const cancelled = stub.unary.safe({ text: "slow" }, { signal: controller.signal });
setTimeout(() => controller.abort(), 50);
await cancelled;
console.log((await stub.unary({ text: "after" })).text);
