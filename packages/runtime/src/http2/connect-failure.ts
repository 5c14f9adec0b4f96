import type { Target } from "../wire/address.js";

/** Explains why a connection could not be established: names the server, the likely cause, and what to change. */
export function describeConnectFailure(error: Error, target: Target): string {
  const { name, scheme } = target;
  if ("errors" in error) return messageOf(error);
  const code = codeOf(error);
  if (plainTextCodes.has(code)) return `${name} does not use TLS. Connect without it, to an http:// address.`;
  if (untrustedCodes.has(code)) {
    return `The certificate of ${name} is not trusted: ${error.message}. Pass its authority with tls: { ca }.`;
  }
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID" || code.startsWith("CERT_")) {
    return `The certificate of ${name} is not valid: ${error.message}`;
  }
  if (code === "ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL") return `${name} does not offer HTTP/2 over TLS.`;
  if (code.startsWith("ERR_SSL_")) return `The TLS handshake with ${name} failed: ${reasonOf(error) ?? error.message}`;
  const hint = scheme === "http" ? " If it uses TLS, connect to an https:// address." : "";
  if (code === "ERR_HTTP2_ERROR") return `${name} does not speak HTTP/2.${hint}`;
  return code === "" ? `${error.message}.${hint}` : error.message;
}

/** Why the connection of a client could not be established; `undefined` if the client just disconnected. */
export function whyRefused(error: Error): string | undefined {
  const code = codeOf(error);
  if (disconnectCodes.has(code)) return undefined;
  const isTls = code.startsWith("ERR_SSL_") || code.startsWith("ERR_TLS_");
  const handshake = isTls ? `The TLS handshake with the client failed: ${reasonOf(error) ?? error.message}` : undefined;
  return clientTexts[code] ?? handshake ?? messageOf(error);
}

/** The error for all addresses of a host has no message of its own. */
function messageOf(error: Error): string {
  if (!("errors" in error)) return error.message;
  return (error as AggregateError).errors.map(({ message }) => message).join("; ");
}

const disconnectCodes = new Set(["ECONNRESET", "EPIPE"]);

const notTls = "The client does not use TLS. It has to connect to an https:// address.";

const clientTexts: Readonly<Record<string, string>> = {
  ERR_HTTP2_ERROR: "The client does not speak HTTP/2, or it uses TLS on a port without TLS.",
  ERR_SSL_WRONG_VERSION_NUMBER: notTls,
  ERR_SSL_HTTP_REQUEST: notTls,
};

function codeOf(error: Error): string {
  return "code" in error ? String(error.code) : "";
}

/** What OpenSSL reports when the peer's first bytes are not TLS. */
const plainTextCodes = new Set(["ERR_SSL_WRONG_VERSION_NUMBER", "ERR_SSL_PACKET_LENGTH_TOO_LONG"]);

/** What OpenSSL reports when no known authority has signed the certificate. */
const untrustedCodes = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
]);

/** The reason in OpenSSL's error, whose message also has the places in its source code. */
function reasonOf(error: Error): string | undefined {
  return "reason" in error && typeof error.reason === "string" ? error.reason : undefined;
}
