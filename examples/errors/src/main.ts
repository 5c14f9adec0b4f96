import { Server } from "@grpclib-ts/runtime/node";
import { addBooks } from "./client.js";
import { Library } from "./server.js";

const server = new Server([new Library()]);
const { port } = await server.listen({ host: "127.0.0.1", port: 0 });

await addBooks(`http://127.0.0.1:${port}`);
await server.close();
