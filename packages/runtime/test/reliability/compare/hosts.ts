import type { AddressInfo } from "node:net";
import { createSecureContext, createServer, type TLSSocket } from "node:tls";
import { selfSigned } from "../../calls/certificate.js";
import { answer, serveCalls } from "../../frames/served-call.js";
import { type Behaviour, fakeHost, fakeName, startFakeHost } from "../../peers/fake-host.js";
import { connect } from "../libraries.js";
import { type Case, inRounds, nextAnswer } from "./case.js";

/** A new channel to a host with an address for each behaviour. */
export function addresses(...behaviours: readonly Behaviour[]): Case {
  return inRounds(async ({ library }, tally) => {
    const host = await startFakeHost(...behaviours);
    const client = connect(library, host.port, { host: fakeName });
    const time = await nextAnswer(client, tally);
    client.close();
    await host.close();
    return time;
  });
}

/**
 * A name with a final dot, which resolvers understand, but which TLS does not allow
 * in a handshake (RFC 6066, section 3). The server refuses it, as Go does.
 */
export const finalDot: Case = inRounds(async ({ library }, tally) => {
  const { key, cert } = selfSigned();
  const context = createSecureContext({ key, cert });
  const sockets = new Set<TLSSocket>();
  const server = createServer({
    ALPNProtocols: ["h2"],
    SNICallback: (name, done) => (name.endsWith(".") ? done(new Error(name)) : done(null, context)),
  });
  server.on("tlsClientError", () => {});
  server.on("secureConnection", (socket) => {
    sockets.add(socket);
    serveCalls(socket, (call) => answer(call));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const restore = fakeHost(["127.0.0.1"]);
  const client = connect(library, (server.address() as AddressInfo).port, { host: `${fakeName}.`, ca: cert });
  const time = await nextAnswer(client, tally);
  client.close();
  restore();
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
  return time;
});
