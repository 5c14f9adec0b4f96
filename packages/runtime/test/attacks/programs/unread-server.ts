// A server whose handlers read nothing. It prints its port, then measures itself for each line of its input (see
// measureForEachLine()). It closes when its input ends.
import type { ServerContext } from "../../../src/index.js";
import { Server } from "../../../src/node.js";
import { TestServiceBase } from "../../gen/test/v1/test_grpclib.js";
import { measureForEachLine } from "./measure.js";

const never = ({ signal }: ServerContext) =>
  new Promise<never>((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

const service = TestServiceBase.of({
  unary: (_request, context) => never(context),
  async *serverStream(_request, context) {
    yield await never(context);
  },
  clientStream: (_requests, context) => never(context),
  async *bidi(_requests, context) {
    yield await never(context);
  },
});

/** Attackers use pings to wait until the server has read what they sent. */
const keepalive = { enforce: { minTime: 0 } };
const server = new Server([service], { keepalive, onError: (error) => console.error(error) });
const { port } = await server.listen({ host: "127.0.0.1", port: 0 });
console.log(port);

await measureForEachLine();
await server.close({ grace: 0 });
