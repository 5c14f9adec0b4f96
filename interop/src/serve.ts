import { readFileSync } from "node:fs";
import type { Service } from "@grpclib-ts/runtime";
import { gracefulExit, Server, type ServerOptions } from "@grpclib-ts/runtime/node";
import { serverFlags } from "./flags.js";

/** Starts a server of one or more services as the flags specify, prints its address, and runs until the process gets a signal. */
export async function serve(services: Service | Service[], options?: ServerOptions): Promise<void> {
  const flags = serverFlags();
  const server = new Server([services].flat(), options);
  const tls = flags.use_tls
    ? { cert: readFileSync(flags.tls_cert_file), key: readFileSync(flags.tls_key_file) }
    : undefined;
  const { address, port } = await server.listen({ host: "127.0.0.1", port: Number(flags.port), tls });
  console.log(`listening on ${address}:${port}`);
  await gracefulExit(server, { grace: 0 });
}
