import { once } from "node:events";
import { createServer } from "node:http2";
import { options, widen } from "./settings.mjs";

const headers = { ":status": 200, "content-type": "application/grpc" };
const trailers = { "grpc-status": "0" };
const withTrailers = { waitForTrailers: true, sendDate: false };

/** Echoes bytes, without protobuf: chunk by chunk for chats, at the end of the request otherwise. @returns the port */
export async function serve() {
  const server = createServer(options);
  server.on("session", widen);
  server.on("stream", (stream, { ":path": path }) => {
    stream.on("wantTrailers", () => stream.sendTrailers(trailers));
    if (path.endsWith("/Chat")) {
      stream.respond(headers, withTrailers);
      stream.on("data", (chunk) => stream.write(chunk));
      stream.on("end", () => stream.end());
      return;
    }
    const chunks = [];
    stream.on("data", (chunk) => chunks.push(chunk));
    stream.on("end", () => {
      stream.respond(headers, withTrailers);
      stream.end(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks));
    });
  });
  server.listen({ host: "127.0.0.1", port: 0 });
  await once(server, "listening");
  return server.address().port;
}
