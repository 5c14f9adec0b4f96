import { once } from "node:events";
import { connect, createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { print } from "./print.js";

const size = 2 ** 20;
/** More pings than it takes until everything has arrived. */
const manyPings = 200;

// Sends data to a server of node:http2 that has enlarged the window of its connection. Prints how much arrives.
let received = 0;
const server = createServer();
server.on("session", (session) => session.setLocalWindowSize(size));
server.on("stream", (stream) => {
  stream.on("data", (chunk: Buffer) => {
    received += chunk.length;
  });
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
await once(session, "connect");
session.request({ ":method": "POST", ":path": "/" }).end(Buffer.alloc(size));
for (let pings = 0; pings < manyPings && received < size; pings++) {
  await new Promise((resolve) => session.ping(resolve));
}
print({ hangs: received < size, received });
process.exit();
