import { getOption } from "@bufbuild/protobuf";
import type { ClientInterceptor } from "@grpclib-ts/runtime";
import { Channel } from "@grpclib-ts/runtime/node";
import { required_role } from "./gen/library/v1/index.js";

/** Sends the role that a method requires. */
const sendRole: ClientInterceptor = async (call, next) => {
  const role = getOption(call.method.desc, required_role);
  if (role !== "") call.metadata.set("role", role);
  return await next();
};

export const channelTo = (port: number) => new Channel(`http://127.0.0.1:${port}`, { interceptors: [sendRole] });
