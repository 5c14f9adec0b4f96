import { once } from "node:events";
import { connect, createServer } from "node:net";

/** Starts a proxy in front of a port. It forwards connections until they are cut. */
export async function startProxy(target) {
  const pairs = new Set();
  const server = createServer((socket) => {
    const pair = [socket, connect(target, "127.0.0.1")];
    pairs.add(pair);
    for (const end of pair) end.on("error", () => {}).on("close", () => cut(pair));
    socket.pipe(pair[1]).pipe(socket);
  });
  const cut = (pair) => {
    pairs.delete(pair);
    for (const end of pair) end.destroy();
  };
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: server.address().port,
    cut: () => pairs.forEach(cut),
    close: () => server.close(),
  };
}
