import { once } from "node:events";
import http2 from "node:http2";
import type { AddressInfo } from "node:net";
import { expect, test, vi } from "vitest";
import { watchClosing } from "../../src/http2/node-closing.js";

test("a timer that fires between the destruction and the close event of a session throws nothing", async () => {
  const server = http2.createServer();
  server.on("stream", (stream) => stream.on("error", () => {}).respond());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const session = http2.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  await once(session, "remoteSettings");
  session.request().on("error", () => {});
  const end = vi.fn();
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  watchClosing(session, end);
  session.close();
  session.destroy();
  vi.advanceTimersByTime(20_000);
  vi.useRealTimers();
  expect(end).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ code: "ERR_HTTP2_INVALID_SESSION" }));
  await once(session, "close");
  server.close();
  await once(server, "close");
});
