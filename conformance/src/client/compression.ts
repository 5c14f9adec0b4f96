import type { Compression } from "@grpclib-ts/runtime";
import { Compression as SuiteCompression } from "../gen/connectrpc/conformance/v1/config_pb.js";

/** The runtime's name of a compression of the suite. @throws Error for those that grpc.yaml does not have */
export function compressionOf(compression: SuiteCompression): Compression {
  const name = names[compression];
  if (name === undefined) throw new Error(`There is no compression ${SuiteCompression[compression]}`);
  return name;
}

const names: Readonly<Partial<Record<SuiteCompression, Compression>>> = {
  [SuiteCompression.IDENTITY]: "identity",
  [SuiteCompression.GZIP]: "gzip",
};
