import { create } from "@bufbuild/protobuf";
import { type CallContext, createServer, ServerError } from "nice-grpc";
import { definition } from "./errors/definition.js";
import { errorNamed } from "./errors/errors.js";
import { metadataOf } from "./errors/metadata.js";
import { DETAILS_KEY, packDetails } from "./errors/status-details.js";
import { serverFlags } from "./flags.js";
import { type RaiseRequest, RaiseResponseSchema } from "./gen/interop/v1/errors_pb.js";

// A server that raises the errors in errors.json, with nice-grpc. Runs until it gets a signal.

async function raise({ name }: RaiseRequest, { trailer }: CallContext): Promise<never> {
  const error = errorNamed(name);
  for (const [key, value] of metadataOf(error)) trailer.append(key, value);
  const details = packDetails(error);
  if (details !== undefined) trailer.set(DETAILS_KEY, details);
  throw new ServerError(error.code, error.message);
}

async function* raiseLater(request: RaiseRequest, context: CallContext) {
  yield create(RaiseResponseSchema);
  await raise(request, context);
}

const server = createServer();
server.add(definition, { raise, raiseLater });
console.log(`listening on 127.0.0.1:${await server.listen(`127.0.0.1:${serverFlags().port}`)}`);
