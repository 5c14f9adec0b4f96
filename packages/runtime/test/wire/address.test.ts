import { describe, expect, test } from "vitest";
import { parseAddress, peerOf, withAuthority } from "../../src/wire/address.js";

describe("an address is accepted", () => {
  test.for<[address: string, scheme: string, authority: string, host: string, port: number]>([
    ["http://localhost:50051", "http", "localhost:50051", "localhost", 50051],
    ["http://localhost:50051/", "http", "localhost:50051", "localhost", 50051],
    ["HTTP://LocalHost:50051", "http", "localhost:50051", "localhost", 50051],
    ["https://example.com:8443", "https", "example.com:8443", "example.com", 8443],
    ["http://127.0.0.1:50051", "http", "127.0.0.1:50051", "127.0.0.1", 50051],
    // IPv6.
    ["http://[::1]:50051", "http", "[::1]:50051", "::1", 50051],
    ["https://[2001:db8::1]", "https", "[2001:db8::1]", "2001:db8::1", 443],
    // The default port of the scheme.
    ["http://example.com", "http", "example.com", "example.com", 80],
    ["http://example.com:80", "http", "example.com", "example.com", 80],
    ["https://example.com", "https", "example.com", "example.com", 443],
    ["https://example.com:443", "https", "example.com", "example.com", 443],
    ["https://example.com:80", "https", "example.com:80", "example.com", 80],
  ])("for a server at %s", ([address, scheme, authority, host, port]) => {
    expect(parseAddress(address, undefined)).toEqual({
      scheme,
      authority,
      name: `${host.includes(":") ? `[${host}]` : host}:${port}`,
      host,
      serverName: host,
      port,
      path: undefined,
    });
  });

  test.for<[address: string, path: string]>([
    ["unix:/run/library.sock", "/run/library.sock"],
    ["unix:///run/library.sock", "/run/library.sock"],
    ["unix:/run//library///1.sock", "/run//library///1.sock"],
    ["unix:library.sock", "library.sock"],
    ["unix:./a b%20c.sock", "./a b%20c.sock"],
  ])("for the unix socket %s", ([address, path]) => {
    const target = { authority: "localhost", name: `unix:${path}`, host: undefined, serverName: undefined, path };
    expect(parseAddress(address, undefined)).toEqual({ scheme: "http", port: undefined, ...target });
    expect(parseAddress(address, {})).toEqual({ scheme: "https", port: undefined, ...target });
  });

  test("with https:// and the tls option", () => {
    expect(parseAddress("https://example.com:8443", { ca: "…" })).toEqual(
      parseAddress("https://example.com:8443", undefined),
    );
  });
});

describe("an address is refused", () => {
  test.for([
    "",
    " ",
    "localhost",
    "localhost:50051",
    "127.0.0.1:50051",
    ":50051",
    "//localhost:50051",
    "http://",
    "http://:50051",
    "http://localhost:port",
    "http://localhost:65536",
    "http://::1:50051",
    "http://[::1",
    "http://local host:50051",
    "http://localhost/path",
    "http://localhost?query=1",
    "http://localhost#fragment",
    "http://localhost?",
    "http://localhost:0",
    "unix://host/library.sock",
    "grpc://localhost:50051",
    "dns:///localhost:50051",
    "ftp://localhost",
    "x:http://localhost:50051",
    "file:///run/library.sock",
    "unix:",
  ])("that is %j", (address) => {
    const refusal = new TypeError(
      `Invalid address ${JSON.stringify(address)}: use "http://host:port", "https://host:port" or "unix:/path"`,
    );
    expect(() => parseAddress(address, undefined)).toThrow(refusal);
    expect(() => parseAddress(address, {})).toThrow(refusal);
  });

  test.for([
    ["http://user@localhost", "http://***@localhost"],
    ["http://user:S3cret@localhost", "http://***@localhost"],
    ["htp://:S3cret@localhost", "htp://***@localhost"],
    ["http://user:S3@cret@localhost", "http://***@localhost"],
    ["user:S3cret\n@localhost", "***@localhost"],
  ] as const)("that is %j, without the password", ([address, shown]) => {
    const refusal = `Invalid address "${shown}": use "http://host:port", "https://host:port" or "unix:/path"`;
    expect(() => parseAddress(address, undefined)).toThrow(new TypeError(refusal));
  });

  test("that is http:// with the tls option", () => {
    expect(() => parseAddress("http://localhost:50051", {})).toThrow(
      new TypeError("http://localhost:50051: the tls option requires an https:// address"),
    );
  });
});

describe("the address of the peer", () => {
  test.for<[title: string, socket: Parameters<typeof peerOf>[0], peer: string]>([
    ["of IPv4", { remoteAddress: "127.0.0.1", remotePort: 50051, destroyed: false }, "127.0.0.1:50051"],
    ["of IPv6", { remoteAddress: "::1", remotePort: 50051, destroyed: false }, "[::1]:50051"],
    [
      "of IPv4 in IPv6",
      { remoteAddress: "::ffff:127.0.0.1", remotePort: 50051, destroyed: false },
      "[::ffff:127.0.0.1]:50051",
    ],
    ["of a unix socket", { remoteAddress: undefined, remotePort: undefined, destroyed: false }, "unix socket"],
    ["of a destroyed socket", { remoteAddress: undefined, remotePort: undefined, destroyed: true }, "unknown address"],
  ])("%s", ([, socket, peer]) => {
    expect(peerOf(socket)).toBe(peer);
  });
});

describe("another name of a server", () => {
  const target = parseAddress("https://127.0.0.1:50051", undefined);

  test.for<[authority: string, serverName: string]>([
    ["books.example.com", "books.example.com"],
    ["books.example.com:443", "books.example.com"],
    ["[::1]:50051", "::1"],
  ])("%s replaces the authority and the name in the certificate", ([authority, serverName]) => {
    expect(withAuthority(target, authority)).toEqual({ ...target, authority, serverName });
  });

  test.for(["", "https://example.com", "example.com/path", "a b", "example.com:port", "example.com?a"])(
    "is not %j",
    (authority) => {
      const message = `authority takes "host" or "host:port", got ${JSON.stringify(authority)}`;
      expect(() => withAuthority(target, authority)).toThrow(new TypeError(message));
    },
  );

  test("is not one with a user and a password, which the error does not show", () => {
    const message = 'authority takes "host" or "host:port", got "***@example.com"';
    expect(() => withAuthority(target, "user:S3cret@example.com")).toThrow(new TypeError(message));
  });
});
