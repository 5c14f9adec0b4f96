import { once } from "node:events";
import { promisify } from "node:util";
import { create } from "@bufbuild/protobuf";
import { Server, ServerCredentials, ServerInterceptingCall } from "@grpc/grpc-js";
import { UploadResponseSchema } from "../../gen/bench/v1/echo_pb.js";
import { echoDefinition } from "./definition.mjs";

const handlers = {
  echo: (call, callback) => callback(null, call.request),
  copy: (call, callback) => callback(null, call.request),
  async download(call) {
    const { note, count } = call.request;
    for (let i = 0; i < count; i++) if (!call.write(note)) await once(call, "drain");
    call.end();
  },
  upload(call, callback) {
    let count = 0;
    call.on("data", () => {
      count += 1;
    });
    call.on("end", () => callback(null, create(UploadResponseSchema, { count })));
  },
  chat(call) {
    call.on("data", (note) => call.write(note));
    call.on("end", () => call.end());
  },
};

/** @returns the port */
export async function serve({ maxConcurrentStreams, interceptors }) {
  const passOn = Array.from({ length: interceptors }, () => (_method, call) => new ServerInterceptingCall(call));
  const server = new Server({
    ...(maxConcurrentStreams !== undefined && { "grpc.max_concurrent_streams": maxConcurrentStreams }),
    ...(interceptors > 0 && { interceptors: passOn }),
  });
  server.addService(echoDefinition, handlers);
  return await promisify(server.bindAsync.bind(server))("127.0.0.1:0", ServerCredentials.createInsecure());
}
