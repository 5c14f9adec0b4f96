import { detail, GRPCError, Status } from "@grpclib-ts/runtime";
import { BadRequestSchema } from "@grpclib-ts/runtime/error-details";
import { Server } from "@grpclib-ts/runtime/node";
import { EchoServiceBase, FailServiceBase } from "../../gen/bench/v1/echo_grpclib.js";

const echo = EchoServiceBase.of({
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
    return { count };
  },
  async *chat(requests) {
    yield* requests;
  },
});

const fail = FailServiceBase.of({
  async fail() {
    throw new GRPCError(Status.INVALID_ARGUMENT, "The note is wrong", [detail(BadRequestSchema, badRequest)]);
  },
});

const badRequest = {
  fieldViolations: [
    { field: "text", description: "must not be empty" },
    { field: "number", description: "must be positive" },
  ],
};

/** @returns the port */
export async function serve({ maxConcurrentStreams, interceptors }, others = []) {
  const all = [...others, ...Array.from({ length: interceptors }, () => async (_call, next) => next())];
  const server = new Server([echo, fail], { maxConcurrentStreams, interceptors: all });
  const { port } = await server.listen({ host: "127.0.0.1", port: 0 });
  return port;
}
