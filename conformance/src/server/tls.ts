import type { TlsOptions } from "node:tls";
import type { ServerCompatRequest } from "../gen/connectrpc/conformance/v1/server_compat_pb.js";

/** The options of TLS, where the suite wants it. */
export function tlsOf({ useTls, serverCreds, clientTlsCert }: ServerCompatRequest): TlsOptions | undefined {
  if (!useTls) return undefined;
  if (serverCreds === undefined) throw new Error("TLS needs server_creds");
  const credentials = { cert: Buffer.from(serverCreds.cert), key: Buffer.from(serverCreds.key) };
  if (clientTlsCert.length === 0) return credentials;
  return { ...credentials, ca: Buffer.from(clientTlsCert), requestCert: true, rejectUnauthorized: true };
}
