import type { TlsOptions } from "node:tls";
import type { ServerCompatRequest } from "../gen/connectrpc/conformance/v1/server_compat_pb.js";

/** The TLS options for the server, or `undefined` if the test case does not use TLS. */
export function tlsOf({ useTls, serverCreds, clientTlsCert }: ServerCompatRequest): TlsOptions | undefined {
  if (!useTls) return undefined;
  if (serverCreds === undefined) throw new Error("The request has use_tls, but no server_creds");
  const credentials = { cert: Buffer.from(serverCreds.cert), key: Buffer.from(serverCreds.key) };
  if (clientTlsCert.length === 0) return credentials;
  return { ...credentials, ca: Buffer.from(clientTlsCert), requestCert: true, rejectUnauthorized: true };
}
