import type { PeerCertificate, TLSSocket } from "node:tls";
import { tryOrUndefined } from "../core/try-or-undefined.js";
import type { ClientCertificate } from "../transport/server.js";

/** The certificate of a client, if it has sent one and the TLS handshake has verified it. */
export function clientCertificate(socket: Partial<TLSSocket>): ClientCertificate | undefined {
  // Both are missing in a socket without TLS.
  if (socket.authorized !== true || socket.getPeerCertificate === undefined) return undefined;
  const { subject, issuer, subjectaltname, fingerprint256, serialNumber, valid_to, raw } = socket.getPeerCertificate();
  return Object.freeze({
    subject: nameOf(subject),
    issuer: nameOf(issuer),
    subjectAltNames: Object.freeze(alternativeNames(subjectaltname ?? "")),
    fingerprint256,
    serialNumber,
    validTo: new Date(valid_to),
    raw,
  });
}

type Name = PeerCertificate["subject"];

/** A copy, because Node's object has no prototype and names its type `Certificate`. */
function nameOf(name: Name): ClientCertificate["subject"] {
  return Object.freeze({ ...name } as unknown as ClientCertificate["subject"]);
}

/**
 * Splits a list such as `DNS:a.example, URI:spiffe://b/c`. Node quotes a name that contains a comma or a quote like a
 * string in JSON: without that, a name could pretend to be several.
 */
function alternativeNames(list: string): string[] {
  return [...list.matchAll(/(?:^|, )(\w[\w ]*:)("(?:[^"\\]|\\.)*"|[^,]*)/g)].map(
    ([, type = "", name = ""]) => type + (tryOrUndefined(() => unquoted(name)) ?? name),
  );
}

/** @throws SyntaxError if the name begins with a quote, but is not a string in JSON */
function unquoted(name: string): string {
  return name.startsWith('"') ? (JSON.parse(name) as string) : name;
}
