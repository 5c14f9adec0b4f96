import { once } from "node:events";
import { createServer } from "node:http2";
import { create } from "@bufbuild/protobuf";
import { ConnectError, encodeBinaryHeader } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { detailsOf, errorNamed, schemaOf } from "./errors/errors.js";
import { metadataOf } from "./errors/metadata.js";
import { serverFlags } from "./flags.js";
import { ErrorService, type RaiseRequest, RaiseResponseSchema } from "./gen/interop/v1/errors_pb.js";

// A server that raises the errors in errors.json, with connect-node. Runs until it gets a signal.

function raise({ name }: RaiseRequest): never {
  const error = errorNamed(name);
  const metadata = new Headers();
  for (const [key, value] of metadataOf(error)) {
    metadata.append(key, typeof value === "string" ? value : encodeBinaryHeader(value));
  }
  // Statuses have the same numbers as in gRPC.
  const code: number = error.code;
  const details = detailsOf(error)?.map((value) => ({ desc: schemaOf(value), value }));
  throw new ConnectError(error.message, code, metadata, details);
}

async function* raiseLater(request: RaiseRequest) {
  yield create(RaiseResponseSchema);
  raise(request);
}

const routes = connectNodeAdapter({ routes: (router) => router.service(ErrorService, { raise, raiseLater }) });
const server = createServer(routes).listen(Number(serverFlags().port), "127.0.0.1");
await once(server, "listening");
const address = server.address();
if (address === null || typeof address === "string") throw new Error("The server does not listen on a port");
console.log(`listening on 127.0.0.1:${address.port}`);
