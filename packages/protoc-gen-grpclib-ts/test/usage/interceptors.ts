/**
 * Looks at messages in interceptors of both sides, and replaces some. Type-checkers must accept this file.
 */
import { create, isMessage } from "@bufbuild/protobuf";
import type { ClientInterceptor, MessageFunction, ServerInterceptor } from "@grpclib-ts/runtime";
import { HelloRequestSchema } from "../greeter/v1/greeter_pb.js";

const types: string[] = [];
export let count = 0;

/** Replaces some messages, and keeps the others. */
const rename: MessageFunction = (message) => {
  if (isMessage(message, HelloRequestSchema)) return create(HelloRequestSchema, { name: "you" });
};

/** Functions of a client that return nothing. */
export const watchClient: ClientInterceptor = async (call, next) => {
  call.onRequest((message) => {
    types.push(message.$typeName);
  });
  call.onResponse(() => {
    count += 1;
  });
  call.onRequest(rename);
  return next();
};

/** Functions of a server that return nothing. */
export const watchServer: ServerInterceptor = async (call, next) => {
  call.onRequest((message) => {
    types.push(message.$typeName);
  });
  call.onResponse(() => {
    count += 1;
  });
  call.onRequest(rename);
  await next();
};

/** Functions whose result is neither a message nor nothing. */
export const misuse: readonly MessageFunction[] = [
  // @ts-expect-error: messages do not wait for promises
  async () => {},
  // @ts-expect-error: the length of the list is not a message
  ({ $typeName }) => types.push($typeName),
];
