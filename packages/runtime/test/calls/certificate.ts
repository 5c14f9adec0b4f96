import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";

/** A key and a certificate, as node:tls takes them. */
export interface Credentials {
  readonly key: string;
  readonly cert: string;
}

/** Makes a key and a self-signed certificate for `localhost` and `127.0.0.1`. */
export function selfSigned(): Credentials {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const body = certificateBody(publicKey);
  const signature = sign("sha256", body, privateKey);
  const certificate = sequence(body, ecdsaWithSha256, tlv(0x03, [0], signature));
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${certificate.toString("base64")}\n-----END CERTIFICATE-----\n`,
  };
}

/** The signed part of an X.509 certificate (RFC 5280, section 4.1: TBSCertificate). */
function certificateBody(publicKey: KeyObject): Buffer {
  const name = sequence(tlv(0x31, sequence(objectId(0x55, 0x04, 0x03), tlv(0x0c, text("localhost")))));
  const day = 24 * 3_600_000;
  const validity = sequence(utcTime(Date.now() - day), utcTime(Date.now() + day));
  const names = sequence(tlv(0x82, text("localhost")), tlv(0x87, [127, 0, 0, 1]));
  const subjectAltName = sequence(objectId(0x55, 0x1d, 0x11), tlv(0x04, names));
  return sequence(
    tlv(0xa0, tlv(0x02, [2])), // version 3
    tlv(0x02, [1]), // serial number
    ecdsaWithSha256,
    name,
    validity,
    name,
    publicKey.export({ type: "spki", format: "der" }),
    tlv(0xa3, sequence(subjectAltName)),
  );
}

/** A DER value: tag, length, content. */
function tlv(tag: number, ...content: readonly (Uint8Array | readonly number[])[]): Buffer {
  const bytes = Buffer.concat(content.map((part) => Uint8Array.from(part)));
  const { length } = bytes;
  const lengthBytes = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Uint8Array.of(tag, ...lengthBytes), bytes]);
}

function sequence(...content: readonly Uint8Array[]): Buffer {
  return tlv(0x30, ...content);
}

function objectId(...encoded: readonly number[]): Buffer {
  return tlv(0x06, encoded);
}

function utcTime(time: number): Buffer {
  const digits = new Date(time).toISOString().replace(/\D/g, "").slice(2, 14);
  return tlv(0x17, text(`${digits}Z`));
}

function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

const ecdsaWithSha256 = sequence(objectId(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));
