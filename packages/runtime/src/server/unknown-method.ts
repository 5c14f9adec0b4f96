import type { DescMethod } from "@bufbuild/protobuf";
import { EmptySchema } from "@bufbuild/protobuf/wkt";
import type { ServiceMethod } from "./service.js";

/** A method that no service has, for the interceptors of its calls. Its handler never runs. */
export function unknownMethod(path: string): ServiceMethod {
  return {
    path,
    // Nothing is read or sent, so these serve as schemas only for the types.
    desc: { input: EmptySchema, output: EmptySchema } as unknown as DescMethod,
    singleRequest: false,
    singleResponse: true,
    contract: undefined,
    handler: () => undefined,
    described: { path, desc: undefined },
  };
}
