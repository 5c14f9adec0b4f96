import { create } from "@bufbuild/protobuf";
import { createServer } from "nice-grpc";
import { UploadResponseSchema } from "../../gen/bench/v1/echo_pb.js";
import { echoDefinition } from "../grpc-js/definition.mjs";

const handlers = {
  async echo(request) {
    return request;
  },
  async copy(request) {
    return request;
  },
  async *download({ note, count }) {
    for (let i = 0; i < count; i++) yield note;
  },
  async upload(requests) {
    let count = 0;
    for await (const _ of requests) count += 1;
    return create(UploadResponseSchema, { count });
  },
  async *chat(requests) {
    yield* requests;
  },
};

async function* passOn(call, context) {
  return yield* call.next(call.request, context);
}

/** @returns the port */
export async function serve({ interceptors }) {
  let server = createServer();
  for (let i = 0; i < interceptors; i++) server = server.use(passOn);
  server.add(echoDefinition, handlers);
  return await server.listen("127.0.0.1:0");
}
