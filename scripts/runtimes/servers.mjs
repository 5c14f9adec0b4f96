import { tmpdir } from "node:os";
import { join } from "node:path";
import { workerdCommand } from "./installed.mjs";
import { program } from "./program.mjs";

let sockets = 0;

/** A `Server` in a runtime. */
export function http2Server(runtime) {
  const socket = join(tmpdir(), `runtimes-${process.pid}-${sockets++}.sock`);
  return { name: runtime.name, command: program(runtime, "server", socket), placesIn: (line) => line };
}

/** A fetch handler in Bun or Deno. */
export function fetchServer(runtime) {
  return { name: `${runtime.name}, serve()`, command: program(runtime, "edge/serve"), placesIn: (line) => line };
}

/** A fetch handler in workerd, which is what runs Cloudflare's workers. */
export const workerd = {
  name: "workerd",
  command: [...workerdCommand, "serve", "workerd.capnp", "--control-fd=1"],
  placesIn: ({ event, port }) => (event === "listen" ? { addresses: { plain: `http://127.0.0.1:${port}` } } : {}),
};
