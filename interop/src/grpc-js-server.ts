import { promisify } from "node:util";
import { create } from "@bufbuild/protobuf";
import {
  type handleServerStreamingCall,
  type handleUnaryCall,
  Metadata,
  Server,
  ServerCredentials,
  type ServiceError,
} from "@grpc/grpc-js";
import { definition } from "./errors/definition.js";
import { errorNamed } from "./errors/errors.js";
import { metadataOf } from "./errors/metadata.js";
import { DETAILS_KEY, packDetails } from "./errors/status-details.js";
import { serverFlags } from "./flags.js";
import { type RaiseRequest, type RaiseResponse, RaiseResponseSchema } from "./gen/interop/v1/errors_pb.js";

// A server that raises the errors in errors.json, with grpc-js. Runs until it gets a signal.

const raise: handleUnaryCall<RaiseRequest, RaiseResponse> = (call, callback) => callback(failure(call.request.name));

const raiseLater: handleServerStreamingCall<RaiseRequest, RaiseResponse> = (call) => {
  call.write(create(RaiseResponseSchema));
  call.emit("error", failure(call.request.name));
};

function failure(name: string): Pick<ServiceError, "code" | "details" | "metadata"> {
  const error = errorNamed(name);
  const metadata = new Metadata();
  for (const [key, value] of metadataOf(error)) {
    metadata.add(key, typeof value === "string" ? value : Buffer.from(value));
  }
  const details = packDetails(error);
  if (details !== undefined) metadata.set(DETAILS_KEY, details);
  return { code: error.code, details: error.message, metadata };
}

const server = new Server();
server.addService(definition, { raise, raiseLater });
const bind = promisify(server.bindAsync.bind(server));
console.log(
  `listening on 127.0.0.1:${await bind(`127.0.0.1:${serverFlags().port}`, ServerCredentials.createInsecure())}`,
);
