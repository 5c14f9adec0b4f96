import "./telemetry.js";
import { watchHealth } from "@grpclib-ts/runtime/health";
import { Channel } from "@grpclib-ts/runtime/node";
import { count } from "./client.js";
import { server } from "./server.js";

const { port } = await server.listen({ host: "127.0.0.1", port: 0 });
const address = `http://127.0.0.1:${port}`;
await using channel = new Channel(address);
let closed: Promise<void> | undefined;

for await (const status of watchHealth(channel)) {
  console.log("The server is", status);
  if (status === "UNREACHABLE") break;
  if (status === "SERVING") {
    await count(address, ["Emma", "Sanditon"]);
    console.log("Calls so far:", server.snapshot().calls.byStatus);
    // It is NOT_SERVING for 200 ms before it closes.
    closed = server.close({ lameDuck: 200 });
  }
}
await closed;
