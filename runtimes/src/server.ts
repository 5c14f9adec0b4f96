import { gracefulExit, Server, type ServerListenOptions } from "@grpclib-ts/runtime/node";
import { selfSigned } from "../../packages/runtime/test/calls/certificate.js";
import { Calls } from "./calls.js";
import { print } from "./print.js";

const local = { host: "127.0.0.1", port: 0 };

// Serves until it gets a SIGTERM. Prints its addresses, and later a line whenever the proxy is to cut its connections.
const [path = ""] = process.argv.slice(2);
const credentials = selfSigned();
const server = createServer();
const listen = async (options: ServerListenOptions) => (await server.listen(options)).port;
const addresses = {
  plain: `http://127.0.0.1:${await listen(local)}`,
  tls: `https://127.0.0.1:${await listen({ ...local, tls: credentials })}`,
  mutual: `https://127.0.0.1:${await listen({ ...local, tls: { ...credentials, ca: credentials.cert, requestCert: true } })}`,
  unix: `unix:${path}`,
};
await listen({ path });
print({ addresses, credentials });
await gracefulExit(server);

function createServer(): Server {
  const calls = new Calls({
    serve: async () => (await createServer().listen(local)).port,
    close: () => void created.close(),
    cut: () => print({ cut: true }),
  });
  const created: Server = new Server([calls], {
    onError: (error, { method }) => print({ reported: `${method}: ${error}` }),
  });
  return created;
}
