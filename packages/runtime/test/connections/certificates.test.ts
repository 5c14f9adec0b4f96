import { X509Certificate } from "node:crypto";
import { describe, expect, test } from "vitest";
import { clientCertificate } from "../../src/http2/client-certificate.js";
import { type ClientCertificate, Status } from "../../src/index.js";
import { selfSigned } from "../calls/certificate.js";
import { connect, rejection, startPair, startServer } from "../harness.js";

const [serverKeys, clientKeys, otherKeys] = [selfSigned(), selfSigned(), selfSigned()];

describe("context.auth", () => {
  async function start(tls: object) {
    const seen: (ClientCertificate | undefined)[] = [];
    const server = await startServer(
      {
        unary(_request, { auth }) {
          seen.push(auth);
          return {};
        },
      },
      { listen: { tls: { ...serverKeys, ...tls } } },
    );
    return { address: server.address.replace("127.0.0.1", "localhost"), seen };
  }

  test("is the verified certificate of the client", async () => {
    const { address, seen } = await start({ requestCert: true, ca: clientKeys.cert });
    const stub = connect(address, { tls: { ca: serverKeys.cert, ...clientKeys } });
    await stub.unary({});
    await stub.unary({});
    const certificate = new X509Certificate(clientKeys.cert);
    expect(seen[0]).toEqual({
      subject: { CN: "localhost" },
      issuer: { CN: "localhost" },
      subjectAltNames: ["DNS:localhost", "IP Address:127.0.0.1"],
      fingerprint256: certificate.fingerprint256,
      serialNumber: certificate.serialNumber,
      validTo: new Date(certificate.validTo),
      raw: certificate.raw,
    });
    expect(seen[1]).toBe(seen[0]);
  });

  test.for([
    ["that sends none", {}],
    ["whose certificate is not trusted", otherKeys],
  ] as const)("is undefined for a client %s, if the server accepts it", async ([, keys]) => {
    const { address, seen } = await start({ requestCert: true, ca: clientKeys.cert, rejectUnauthorized: false });
    await connect(address, { tls: { ca: serverKeys.cert, ...keys } }).unary({});
    expect(seen).toEqual([undefined]);
  });

  test("is undefined if the server does not ask for a certificate, and without TLS", async () => {
    const { address, seen } = await start({});
    await connect(address, { tls: { ca: serverKeys.cert, ...clientKeys } }).unary({});
    expect(seen).toEqual([undefined]);
    const { stub } = await startPair({ unary: (_request, { auth }) => ({ text: String(auth) }) });
    expect((await stub.unary({})).text).toBe("undefined");
  });

  test("lists alternative names one by one, whatever is in them", () => {
    const auth = clientCertificate({
      authorized: true,
      getPeerCertificate: () => ({
        subject: { CN: "a", OU: ["b", "c"] },
        issuer: { CN: "ca" },
        subjectaltname: 'DNS:a.example, URI:spiffe://books/billing, DNS:"a, DNS:\\"evil", IP Address:0:0:0:0:0:0:0:1',
        valid_to: "Nov 26 15:00:00 2027 GMT",
      }),
    } as never);
    expect(auth).toMatchObject({
      subject: { CN: "a", OU: ["b", "c"] },
      subjectAltNames: [
        "DNS:a.example",
        "URI:spiffe://books/billing",
        'DNS:a, DNS:"evil',
        "IP Address:0:0:0:0:0:0:0:1",
      ],
      validTo: new Date("2027-11-26T15:00:00Z"),
    });
  });

  test.for<[title: string, list: string, names: string[]]>([
    ["a quoted name that is not JSON", String.raw`DNS:"\u00", DNS:b`, [String.raw`DNS:"\u00"`, "DNS:b"]],
    ["a quote that does not end", 'DNS:"a, DNS:b', ['DNS:"a', "DNS:b"]],
    // Took seconds when each character could be the first of a name.
    ["a long name without a type", "a".repeat(200_000), []],
  ])("lists names that Node would not write: %s", ([, subjectaltname, names]) => {
    const getPeerCertificate = () => ({ subject: {}, issuer: {}, subjectaltname, valid_to: "" });
    const start = performance.now();
    expect(clientCertificate({ authorized: true, getPeerCertificate } as never)?.subjectAltNames).toEqual(names);
    expect(performance.now() - start).toBeLessThan(1000);
  });
});

describe("setSecureContext()", () => {
  test("renews the certificate for new connections, and keeps those that are open", async () => {
    const { address, server } = await startServer({ unary: () => ({}) }, { listen: { tls: serverKeys } });
    const localhost = address.replace("127.0.0.1", "localhost");
    const before = connect(localhost, { tls: { ca: serverKeys.cert } });
    await before.unary({});
    server.setSecureContext(otherKeys);
    await before.unary({});
    await connect(localhost, { tls: { ca: otherKeys.cert } }).unary({});
    expect(await rejection(connect(localhost, { tls: { ca: serverKeys.cert } }).unary({}))).toMatchObject({
      status: 14,
    });
  });

  test("keeps the certificate if the new one is invalid", async () => {
    const { address, server } = await startServer({ unary: () => ({}) }, { listen: { tls: serverKeys } });
    expect(() => server.setSecureContext({ key: "not a key", cert: otherKeys.cert })).toThrow();
    expect(() => server.setSecureContext({ key: serverKeys.key, cert: otherKeys.cert })).toThrow();
    await connect(address.replace("127.0.0.1", "localhost"), { tls: { ca: serverKeys.cert } }).unary({});
  });

  test("takes a certificate without its key if it fits the one in use", async () => {
    const { address, server } = await startServer({ unary: () => ({}) }, { listen: { tls: serverKeys } });
    server.setSecureContext({ cert: serverKeys.cert });
    expect(() => server.setSecureContext({ cert: otherKeys.cert })).toThrow();
    expect(() => server.setSecureContext({ key: otherKeys.key })).toThrow();
    await connect(address.replace("127.0.0.1", "localhost"), { tls: { ca: serverKeys.cert } }).unary({});
  });

  test("keeps the other options, unless they are passed, too", async () => {
    const tls = { ...serverKeys, minVersion: "TLSv1.3", requestCert: true, ca: clientKeys.cert } as const;
    const { address, server } = await startServer({ unary: () => ({}) }, { listen: { tls } });
    const start = (keys: object, options: object = {}) =>
      connect(address.replace("127.0.0.1", "localhost"), { tls: { ca: otherKeys.cert, ...keys, ...options } }).unary(
        {},
      );
    for (const renewal of [otherKeys, otherKeys]) {
      server.setSecureContext(renewal);
      await start(clientKeys);
      expect(await rejection(start(serverKeys))).toMatchObject({ status: 14 });
      expect(await rejection(start(clientKeys, { maxVersion: "TLSv1.2" }))).toMatchObject({ status: 14 });
    }
    server.setSecureContext({ ca: serverKeys.cert, minVersion: "TLSv1.2" });
    server.setSecureContext({ ...otherKeys, ca: undefined });
    await start(serverKeys, { maxVersion: "TLSv1.2" });
    expect(await rejection(start(clientKeys))).toMatchObject({ status: 14 });
  });

  test("needs TLS", async () => {
    const { server } = await startServer({});
    expect(() => server.setSecureContext(serverKeys)).toThrow(
      new TypeError("setSecureContext() needs a server that listens with TLS"),
    );
  });
});

describe("checkServerIdentity()", () => {
  test.for<[title: string, thrown: unknown, message: string]>([
    ["an error", new Error("not this server"), "not this server"],
    ["something else", "not this server", "checkServerIdentity() failed"],
  ])("that throws %s makes calls UNAVAILABLE", async ([, thrown, message]) => {
    const { port } = await startServer({}, { listen: { tls: serverKeys } });
    const checkServerIdentity = () => {
      throw thrown;
    };
    const stub = connect(`https://localhost:${port}`, { tls: { ca: serverKeys.cert, checkServerIdentity } });
    expect(await rejection(stub.unary({}))).toMatchObject({
      status: Status.UNAVAILABLE,
      message: expect.stringContaining(message),
      cause: { message },
    });
  });
});
