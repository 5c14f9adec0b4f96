import { credentials } from "@grpc/grpc-js";
import { grpcJsTransport } from "@grpclib-ts/runtime/grpc-js";
import { clientOver } from "../grpclib-ts/client.mjs";

export const connect = async (port) => clientOver(grpcJsTransport(`127.0.0.1:${port}`, credentials.createInsecure()));
