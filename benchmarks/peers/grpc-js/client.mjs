import { once } from "node:events";
import { create } from "@bufbuild/protobuf";
import { credentials, InterceptingCall, makeGenericClientConstructor } from "@grpc/grpc-js";
import { DownloadRequestSchema } from "../../gen/bench/v1/echo_pb.js";
import { echoDefinition } from "./definition.mjs";

const EchoClient = makeGenericClientConstructor(echoDefinition, "EchoService");

export async function connect(port, { interceptors }) {
  const passOn = Array.from({ length: interceptors }, () => (options, next) => new InterceptingCall(next(options)));
  const client = new EchoClient(
    `127.0.0.1:${port}`,
    credentials.createInsecure(),
    interceptors > 0 ? { interceptors: passOn } : {},
  );
  return {
    echo: (note) => promised((callback) => client.echo(note, callback)),
    copy: (blob) => promised((callback) => client.copy(blob, callback)),
    async download(note, count) {
      const call = client.download(create(DownloadRequestSchema, { note, count }));
      let received = 0;
      call.on("data", () => {
        received += 1;
      });
      await once(call, "end");
      return received;
    },
    async upload(note, count) {
      let call;
      const response = promised((callback) => {
        call = client.upload(callback);
      });
      for (let i = 0; i < count; i++) if (!call.write(note)) await once(call, "drain");
      call.end();
      return (await response).count;
    },
    async chat(note) {
      const call = client.chat();
      let resolve;
      call.on("data", (note) => resolve(note));
      return {
        roundTrip: () =>
          new Promise((resolved) => {
            resolve = resolved;
            call.write(note);
          }),
        async end() {
          call.end();
          await once(call, "end");
        },
      };
    },
    close: () => client.close(),
  };
}

function promised(start) {
  return new Promise((resolve, reject) => start((error, value) => (error ? reject(error) : resolve(value))));
}
