import { shop } from "./client.js";
import { server } from "./server.js";

const { port } = await server.listen({ host: "127.0.0.1", port: 0 });

await shop(`http://127.0.0.1:${port}`);
await server.close();
