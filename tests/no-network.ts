import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

/** An environment without network access and with an empty buf cache. */
export interface NoNetwork {
  /** Environment variables for the programs that must not use the network. */
  readonly env: Readonly<Record<string, string>>;
  /** Returns the addresses that the programs have requested since the last call. */
  takeRequests(): string[];
}

/** Starts a proxy that refuses every request. It is closed after the tests of the file. */
export async function makeNoNetwork(): Promise<NoNetwork> {
  const requests: string[] = [];
  const proxy = createServer(({ url = "" }, response) => {
    requests.push(url);
    response.writeHead(502).end();
  });
  proxy.on("connect", ({ url = "" }, socket) => {
    requests.push(url);
    socket.destroy();
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  const cache = mkdtempSync(join(tmpdir(), "empty-cache-"));
  afterAll(() => {
    proxy.close();
    rmSync(cache, { recursive: true });
  });
  const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const proxies = ["http_proxy", "https_proxy"].flatMap((name) => [name, name.toUpperCase()]);
  return {
    env: {
      ...Object.fromEntries(proxies.map((name) => [name, address])),
      no_proxy: "",
      NO_PROXY: "",
      BUF_CACHE_DIR: cache,
      // Otherwise npm sometimes checks for a newer npm.
      npm_config_update_notifier: "false",
    },
    takeRequests: () => requests.splice(0),
  };
}
