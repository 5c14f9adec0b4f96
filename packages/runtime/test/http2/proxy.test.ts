import { expect, test } from "vitest";
import { proxyFor } from "../../src/http2/proxy.js";
import { parseAddress } from "../../src/wire/address.js";

const proxy = (address: string, environment: NodeJS.ProcessEnv) =>
  proxyFor(parseAddress(address, undefined), "environment", environment)?.name;

const target = "https://books.example.test:443";
const all = { grpc_proxy: "http://a:1", https_proxy: "http://b:2", http_proxy: "http://c:3" };

test.for<[environment: NodeJS.ProcessEnv, expected: string | undefined]>([
  [{}, undefined],
  [all, "a:1"],
  [{ ...all, grpc_proxy: "" }, "b:2"],
  [{ http_proxy: "http://c" }, "c:80"],
  [{ http_proxy: "https://c" }, "c:443"],
])("the proxy in %j is %s", ([environment, expected]) => {
  expect(proxy(target, environment)).toBe(expected);
  expect(proxy("http://books.example.test:80", environment)).toBe(expected);
});

test("a unix socket has no proxy, in the environment or as an option", () => {
  expect(proxy("unix:/tmp/x", all)).toBeUndefined();
  expect(proxyFor(parseAddress("unix:/tmp/x", undefined), "http://a:1")).toBeUndefined();
});

test.for<[host: string, list: string, isException: boolean]>([
  ["books.example.test", "", false],
  ["books.example.test", "example.test", true],
  ["books.example.test", ".example.test", true],
  ["books.example.test", "*.example.test", true],
  ["books.example.test", "books.example.test", true],
  ["BOOKS.example.test.", "Books.Example.Test", true],
  ["books.example.test", "ample.test", false],
  ["books.example.test", "other.test, example.test", true],
  ["books.example.test", " , ", false],
  ["books.example.test", "*", true],
  ["10.1.2.3", "10.0.0.0/8", true],
  ["10.1.2.3", "11.0.0.0/8", false],
  ["10.1.2.3", "10.0.0.0/99", false],
  ["10.1.2.3", "10.1.2.3", true],
  ["[fe80::1]", "fe80::/10", true],
  ["10.1.2.3", "fe80::/10", false],
])("%s with no_proxy=%j: without the proxy %s", ([host, list, isException]) => {
  for (const name of ["no_proxy", "no_grpc_proxy"]) {
    expect(proxy(`https://${host}:443`, { ...all, [name]: list })).toBe(isException ? undefined : "a:1");
  }
});

test("no_grpc_proxy counts more than no_proxy", () => {
  expect(proxy(target, { ...all, no_grpc_proxy: "other.test", no_proxy: "example.test" })).toBe("a:1");
});

const refusal = (source: string, shown: string) =>
  new TypeError(
    `${source} takes the address of a proxy, as http://host:port, or http://user:password@host:port with user and password percent-encoded, got ${JSON.stringify(shown)}`,
  );

test.for<[address: string, shown: string]>([
  ["user:S3cret@proxy:3128", "***@proxy:3128"],
  ["socks5://user:S3cret@proxy:1080", "socks5://***@proxy:1080"],
  ["http://user:S3@ret@pro xy:3128", "http://***@pro xy:3128"],
  ["http://user:100%@proxy:3128", "http://***@proxy:3128"],
  ["http://100%:S3cret@proxy:3128", "http://***@proxy:3128"],
])("the address %j is a TypeError without the password", ([address, shown]) => {
  expect(() => proxyFor(parseAddress(target, undefined), address)).toThrow(refusal("proxy", shown));
  expect(() => proxy(target, { https_proxy: address })).toThrow(refusal("https_proxy", shown));
});

test.for(["", "proxy:3128", "socks5://proxy:1080", "http://"])("the address %j is a TypeError", (address) => {
  expect(() => proxyFor(parseAddress(target, undefined), address)).toThrow(refusal("proxy", address));
  if (address === "") return;
  expect(() => proxy(target, { https_proxy: address })).toThrow(refusal("https_proxy", address));
});
