import { Server } from "@grpclib-ts/runtime/node";
import { greet } from "./client.js";
import { Greeter } from "./server.js";

const server = new Server([new Greeter()]);
const { port } = await server.listen({ host: "127.0.0.1", port: 0 });

await greet(`http://127.0.0.1:${port}`);
await server.close();
