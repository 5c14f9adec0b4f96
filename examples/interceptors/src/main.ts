import { search } from "./client.js";
import { server } from "./server.js";

const { port } = await server.listen({ host: "127.0.0.1", port: 0 });
for (const token of ["token-of-ada", "token-of-ben", "token-of-eve"]) {
  console.log(`With ${token}:`);
  await search(`http://127.0.0.1:${port}`, token);
}
await server.close();
