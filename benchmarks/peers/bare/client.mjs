import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { toBinary } from "@bufbuild/protobuf";
import { BlobSchema, NoteSchema } from "../../gen/bench/v1/echo_pb.js";
import { frame } from "../../lib/frame.mjs";
import { options, widen } from "./settings.mjs";

/** Exchanges bytes, without protobuf: it encodes each message only once, and only checks the length of responses. */
export async function connect(port) {
  const session = connectHttp2(`http://127.0.0.1:${port}`, options);
  await once(session, "remoteSettings");
  widen(session);
  const encoded = new Map();
  const encode = (schema, message) => {
    if (!encoded.has(message)) encoded.set(message, frame(toBinary(schema, message)));
    return encoded.get(message);
  };
  return {
    async echo(note) {
      const bytes = encode(NoteSchema, note);
      checkLength(await call(session, bytes), bytes.length);
      return note;
    },
    async copy(blob) {
      const bytes = encode(BlobSchema, blob);
      checkLength(await call(session, bytes), bytes.length);
      return blob;
    },
    async chat(note) {
      const bytes = encode(NoteSchema, note);
      const stream = session.request(headers("Chat"), { endStream: false });
      let resolve;
      stream.on("data", (chunk) => resolve(chunk));
      return {
        roundTrip: () =>
          new Promise((resolved) => {
            resolve = resolved;
            stream.write(bytes);
          }),
        async end() {
          stream.end();
          await once(stream, "end");
        },
      };
    },
    close: () => session.close(),
  };
}

/** The headers that gRPC clients send. Their cost is part of the minimum for any gRPC library. */
function headers(method) {
  return {
    ":method": "POST",
    ":path": `/bench.v1.EchoService/${method}`,
    te: "trailers",
    "content-type": "application/grpc",
    "grpc-accept-encoding": "identity,gzip,deflate",
    "user-agent": "bare",
  };
}

const echoHeaders = headers("Echo");

function call(session, bytes) {
  return new Promise((resolve, reject) => {
    const stream = session.request(echoHeaders);
    const chunks = [];
    let status;
    stream.on("data", (chunk) => chunks.push(chunk));
    stream.on("trailers", (trailers) => {
      status = trailers["grpc-status"];
    });
    stream.on("end", () => {
      if (status === "0") resolve(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks));
      else reject(new Error(`grpc-status ${status}`));
    });
    stream.on("error", reject);
    stream.end(bytes);
  });
}

function checkLength(bytes, length) {
  if (bytes.length !== length) throw new Error(`Expected ${length} bytes, got ${bytes.length}`);
}
