import { executionAsyncResource } from "node:async_hooks";
import { once } from "node:events";
import http2 from "node:http2";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";

// `keepNativePart()` relies on this. If a version of Node defers the event, the native object is no longer kept.
test("the async resource of a session's remoteSettings event is its native object", async () => {
  const server = http2.createServer();
  const resources: object[] = [];
  const record = (session: http2.Http2Session) =>
    session.once("remoteSettings", () => resources.push(executionAsyncResource()));
  server.on("session", record);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = http2.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  record(client);
  await expect
    .poll(() => resources.map((resource) => resource.constructor.name))
    .toEqual(["Http2Session", "Http2Session"]);
  client.destroy();
  server.close();
  await once(server, "close");
});
