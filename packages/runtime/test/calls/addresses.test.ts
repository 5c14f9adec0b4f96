import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { type GRPCError, Status } from "../../src/index.js";
import { Channel } from "../../src/node.js";
import { connect, rejection, startServer, startTcpServer } from "../harness.js";
import { selfSigned } from "./certificate.js";
import { call, handleAll, kinds } from "./kinds.js";

const answer = handleAll(({ peer }) => ({ text: peer }));

describe("TCP", () => {
  test("listen() resolves to the address and port that it bound", async () => {
    const { server, address, port } = await startServer(
      handleAll(({ peer }) => {
        throw new Error(peer);
      }),
    );
    const second = await server.listen({ host: "127.0.0.1", port: 0 });
    expect(port).toBeGreaterThan(0);
    expect(second).toMatchObject({ address: "127.0.0.1", family: "IPv4", port: expect.any(Number) });
    expect(second.port).not.toBe(port);
    expect(address).toBe(`http://127.0.0.1:${port}`);
  });

  test("a server can listen on several addresses", async () => {
    const { server, address } = await startServer(answer);
    const { port } = await server.listen({ host: "127.0.0.1", port: 0 });
    const peers = [
      (await connect(address).unary({})).text,
      (await connect(`http://localhost:${port}`).unary({})).text,
      (await connect(`http://127.0.0.1:${port}`).unary({})).text,
    ];
    expect(peers).toEqual(Array(3).fill(expect.stringMatching(/^127\.0\.0\.1:\d+$/)));
  });

  test.for(["before", "after"])("a signal that aborts just %s the call ends listen()", async (when) => {
    const { server } = await startServer(answer);
    const controller = new AbortController();
    if (when === "before") controller.abort();
    const listening = rejection(server.listen({ host: "127.0.0.1", port: 0, signal: controller.signal }));
    controller.abort();
    expect(await listening).toMatchObject({ message: "The server was closed before it listened" });
    expect(server.snapshot().addresses).toHaveLength(1);
    await server.close();
  });

  test("a listen() that has failed leaves nothing", async () => {
    const { port } = await startServer(answer);
    const { server } = await startServer(answer);
    const credentials = selfSigned();
    await rejection(server.listen({ host: "127.0.0.1", port, tls: credentials }));
    expect(() => server.setSecureContext(credentials)).toThrow("needs a server that listens with TLS");
  });

  test("listen() rejects when the address is in use", async () => {
    const { port } = await startServer(answer);
    const { server } = await startServer(answer);
    expect(await rejection(server.listen({ host: "127.0.0.1", port }))).toMatchObject({ code: "EADDRINUSE" });
  });

  const invalid = ["localhost:50051", "ftp://localhost", "http://localhost/path", "unix:", "http://", ""];
  test.for(invalid)("new Channel(%j) throws a TypeError", (address) => {
    expect(() => new Channel(address)).toThrow(TypeError);
    expect(() => new Channel(address)).toThrow(JSON.stringify(address));
  });
});

describe("a unix socket", () => {
  function socketPath(): string {
    const directory = mkdtempSync(join(tmpdir(), "socket-"));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    return join(directory, "s");
  }

  test.for(kinds)("%s: a server can listen on it, and a channel can connect to it", async (kind) => {
    const path = socketPath();
    const { server } = await startServer(answer);
    expect(await server.listen({ path })).toEqual({ address: path, family: "unix", port: 0 });
    expect(await call(connect(`unix:${path}`), kind)).toMatchObject([{ text: "unix socket" }]);
    expect(await call(connect(`unix://${path}`), kind)).toMatchObject([{ text: "unix socket" }]);
  });

  test("it can carry TLS", async () => {
    const path = socketPath();
    const credentials = selfSigned();
    const { server } = await startServer(answer);
    await server.listen({ path, tls: credentials });
    const stub = connect(`unix:${path}`, { tls: { ca: credentials.cert, servername: "localhost" } });
    expect(await stub.unary({})).toMatchObject({ text: "unix socket" });
  });

  test("a socket that does not exist is UNAVAILABLE, and the cause says why", async () => {
    const stub = connect(`unix:${socketPath()}`);
    expect(await rejection(stub.unary({}))).toMatchObject({ status: Status.UNAVAILABLE, cause: { code: "ENOENT" } });
  });
});

describe("TLS", () => {
  const credentials = selfSigned();
  const listen = { tls: credentials };

  test.for(kinds)("%s: calls succeed over it", async (kind) => {
    const { address, port } = await startServer(answer, { listen });
    const byAddress = connect(address, { tls: { ca: credentials.cert } });
    const byName = connect(`https://localhost:${port}`, { tls: { ca: credentials.cert } });
    expect(await call(byAddress, kind)).toMatchObject([{ text: expect.stringMatching(/^127/) }]);
    expect(await call(byName, kind)).toMatchObject([{ text: expect.stringMatching(/^127/) }]);
  });

  test.for(kinds)("%s: an untrusted certificate is UNAVAILABLE, and the cause says why", async (kind) => {
    const { address, reports } = await startServer(answer, { listen });
    const error = (await rejection(call(connect(address), kind))) as GRPCError;
    expect(error).toMatchObject({ status: Status.UNAVAILABLE, origin: "client" });
    expect(error.cause).toMatchObject({ code: "DEPTH_ZERO_SELF_SIGNED_CERT" });
    expect(error.message).toContain("self-signed certificate");
    reports.take();
  });

  test("a certificate for another name is UNAVAILABLE, and the cause says why", async () => {
    const { address, reports } = await startServer(answer, { listen });
    const stub = connect(address, { tls: { ca: credentials.cert, servername: "example.com" } });
    expect(await rejection(stub.unary({}))).toMatchObject({
      status: Status.UNAVAILABLE,
      cause: { code: "ERR_TLS_CERT_ALTNAME_INVALID" },
    });
    reports.take();
  });

  test("a client without TLS is refused, and the server keeps serving", async () => {
    const { address, port, server } = await startServer(answer, { listen });
    const error = await rejection(connect(`http://127.0.0.1:${port}`).unary({}));
    expect(error).toMatchObject({ status: Status.UNAVAILABLE, cause: expect.any(Error) });
    await vi.waitFor(() => expect(server.connections.lastRefusal?.reason).toContain("does not use TLS"));
    const stub = connect(address, { tls: { ca: credentials.cert } });
    expect(await stub.unary({})).toMatchObject({ text: expect.any(String) });
  });

  test("a server without TLS is UNAVAILABLE to a client that uses TLS", async () => {
    const { port } = await startServer(answer);
    const stub = connect(`https://127.0.0.1:${port}`, { tls: { ca: credentials.cert } });
    expect(await rejection(stub.unary({}))).toMatchObject({ status: Status.UNAVAILABLE, cause: expect.any(Error) });
  });

  test("the server can require a client certificate", async () => {
    const client = selfSigned();
    const tls = { ...credentials, ca: client.cert, requestCert: true, rejectUnauthorized: true };
    const { address, server } = await startServer(answer, { listen: { tls } });
    const known = connect(address, { tls: { ca: credentials.cert, ...client } });
    expect(await known.unary({})).toMatchObject({ text: expect.any(String) });
    const unknown = connect(address, { tls: { ca: credentials.cert } });
    expect(await rejection(unknown.unary({}))).toMatchObject({
      status: Status.UNAVAILABLE,
      cause: { code: "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED" },
    });
    expect(server.connections.lastRefusal?.reason).toContain("The TLS handshake with the client failed");
  });

  test("an http:// address with TLS options throws", () => {
    expect(() => new Channel("http://localhost:1", { tls: {} })).toThrow(/https:\/\//);
  });
});

describe("connecting", () => {
  test("takes no longer than connectTimeout", async () => {
    const { address } = await startTcpServer();
    const stub = connect(address, { connectTimeout: 50 });
    const error = (await rejection(stub.unary({}))) as GRPCError;
    expect(error).toMatchObject({ status: Status.UNAVAILABLE, origin: "client", cause: expect.any(Error) });
    expect(error.message).toContain("50 ms");
  });
});
