import type { Compression } from "@grpclib-ts/runtime";
import { Compression as SuiteCompression } from "../gen/connectrpc/conformance/v1/config_pb.js";

/** The runtime's name for a compression of the suite. @throws Error for a compression that grpc.yaml does not list */
export function compressionOf(compression: SuiteCompression): Compression {
  const name = names[compression];
  if (name === undefined) throw new Error(`The compression ${SuiteCompression[compression]} is not supported`);
  return name;
}

const names: Readonly<Partial<Record<SuiteCompression, Compression>>> = {
  [SuiteCompression.IDENTITY]: "identity",
  [SuiteCompression.GZIP]: "gzip",
};
