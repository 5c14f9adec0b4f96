import assert from "node:assert/strict";
import { type AddressInfo, createServer, type Server } from "node:net";
import type { Duplex } from "node:stream";
import { clientCertificate } from "../../../src/http2/client-certificate.js";
import type { HttpProxy } from "../../../src/http2/proxy.js";
import { Tunnel } from "../../../src/http2/tunnel.js";
import { parseAddress } from "../../../src/wire/address.js";
import { checkSame, type Decoder, inputs, textIn } from "./decoder.js";

const MAX_NAMES = 1000;

/** How Node quotes a name in the list of alternative names of a certificate. */
function quoted(name: string): string {
  return /^[\x20-\x7e]*$/.test(name) && !/["\\,']/.test(name) ? name : JSON.stringify(name);
}

function namesIn(subjectaltname: string): readonly string[] {
  const certificate = clientCertificate({
    authorized: true,
    getPeerCertificate: () =>
      ({ subject: {}, issuer: {}, subjectaltname, valid_to: "Jan  1 00:00:00 2100 GMT" }) as never,
  });
  return certificate?.subjectAltNames ?? assert.fail("no certificate");
}

const certificate: Decoder = {
  name: "names in a client's certificate",
  format: "lines",
  corpus: inputs(
    "DNS: a.example\nURI: spiffe://example.org/ns/b\nIP Address: 127.0.0.1",
    'email: "a, DNS:b"@example.org\nDNS: \\u0000\nDNS: \u4f60\nothername: x',
  ),
  check(input) {
    const types = ["DNS", "URI", "IP Address", "email", "Registered ID"];
    const names = textIn(input)
      .split("\n", MAX_NAMES)
      .map((line, index) => [types[index % types.length] ?? "", line.slice(line.indexOf(": ") + 2)] as const);
    const list = names.map(([type, name]) => `${type}:${quoted(name)}`).join(", ");
    checkSame(JSON.stringify(namesIn(list)), JSON.stringify(names.map(([type, name]) => `${type}:${name}`)));
    // A list that Node would not write is no reason to lose the connection.
    namesIn(textIn(input));
  },
};

const target = parseAddress("http://books.example.test:50051", undefined);

/** A proxy whose answer is the current input. */
let proxy: Server | undefined;
let answer: Buffer = Buffer.alloc(0);

async function startProxy(): Promise<HttpProxy> {
  proxy ??= createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.end(answer));
  });
  if (!proxy.listening) await new Promise<void>((resolve) => proxy?.listen(0, "127.0.0.1", resolve).unref());
  const { port } = proxy.address() as AddressInfo;
  return { scheme: "http", host: "127.0.0.1", port, name: `127.0.0.1:${port}`, authorization: undefined };
}

async function received(socket: Duplex): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const connectAnswer: Decoder = {
  name: "answer of a proxy",
  format: "text",
  corpus: inputs(
    "HTTP/1.1 200 Connection established\r\n\r\n",
    "HTTP/1.1 200 OK\r\nvia: 1.1 proxy\r\n\r\n\0\0\0\x04\0\0\0\0\0",
    "HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic\r\ncontent-length: 5\r\n\r\nno no",
    "HTTP/1.1 502 Bad Gateway\r\ntransfer-encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
    "HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n",
  ),
  async check(input) {
    const tunnel = new Tunnel(target, await startProxy());
    answer = input;
    let answers = 0;
    const socket = await new Promise<Duplex | undefined>((resolve, reject) => {
      tunnel.resolve((error, [address]) => {
        answers += 1;
        if (error === undefined) {
          if (address !== undefined && "socket" in address) resolve(address.socket);
          else reject(new Error("There is neither an error nor a socket"));
        } else if (/^The proxy \S+ (?:refused the connection|cannot be reached): /.test(error.message)) {
          if (error.message.length < 300) resolve(undefined);
          else reject(new Error(`The message has ${error.message.length} characters`));
        } else reject(error);
      });
    });
    if (socket !== undefined) {
      const tail = await received(socket);
      assert.ok(input.subarray(input.length - tail.length).equals(tail));
      socket.destroy();
    }
    assert.equal(answers, 1);
  },
};

export const connectionDecoders: readonly Decoder[] = [certificate, connectAnswer];
